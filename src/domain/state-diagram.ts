import { MACHINES, type MachineName } from './order-state';

/** The Mermaid state diagram of one transition table, for the docs. The same table gives the same text. */
export function renderStateDiagram(machine: MachineName): string {
  const { initial, statuses, to } = MACHINES[machine];
  const table: Readonly<Record<string, readonly string[]>> = to;
  const edges = statuses.flatMap((from) => {
    const targets = table[from] ?? [];
    return targets.length === 0
      ? [`${from} --> [*]`]
      : targets.map((target) => `${from} --> ${target}`);
  });
  const entries = initial.map((status) => `[*] --> ${status}`);
  return ['stateDiagram-v2', ...[...entries, ...edges].map((line) => `  ${line}`), ''].join('\n');
}
