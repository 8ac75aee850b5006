import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';

import {
  allowedActions,
  ORDER_ACTIONS,
  type OrderActionFacts,
  PAID_BY,
} from '../src/domain/order-actions';
import { POLICIES } from '../src/domain/policies';
import { renderStateDiagram } from '../src/domain/state-diagram';
import { say } from './runtime/say';

const ROOT = path.resolve(__dirname, '..');
const BLOCK = /<!-- begin ([a-z-]+) -->\n[\s\S]*?<!-- end \1 -->/g;
const LINK = /\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g;
const CODE = /```[\s\S]*?```|`[^`\n]*`/g;

/** What the docs say about the code, said by the code. */
const BLOCKS: Readonly<Record<string, () => string>> = {
  'order-states': () => mermaid(renderStateDiagram('order')),
  'fulfillment-order-states': () => mermaid(renderStateDiagram('fulfillmentOrder')),
  'payment-states': () => mermaid(renderStateDiagram('payment')),
  'refund-states': () => mermaid(renderStateDiagram('refund')),
  'reservation-states': () => mermaid(renderStateDiagram('reservation')),
  'return-states': () => mermaid(renderStateDiagram('return')),
  'order-commands': commandTable,
  policies: policyTable,
};

const SITUATIONS: readonly (readonly [string, Situation])[] = [
  ['in review', facts({ status: 'in_review', waitCode: 'review' })],
  ['waits for stock', facts({ waitCode: 'shortage' })],
  ['waits for payment', facts({ waitCode: 'payment' })],
  ['in the warehouse', facts({ status: 'processing' })],
  ['waits for stock, as a backorder', facts({ status: 'processing', isBackordered: true })],
  ['partly handed over', facts({ status: 'processing', handedOver: 'some' })],
  ['with the carrier', facts({ status: 'processing', handedOver: 'all' })],
  ['being canceled', facts({ waitCode: 'void', canceling: true })],
  ['completed', facts({ status: 'completed', handedOver: 'all' })],
  ['canceled', facts({ status: 'canceled' })],
];

/** Each is shown for every way of paying. */
type Situation = Omit<OrderActionFacts, 'paidBy'>;

function facts(given: Partial<Situation>): Situation {
  const usual = { status: 'confirmed', waitCode: null, handedOver: 'none' } as const;
  return { ...usual, isBackordered: false, activeHolds: 1, canceling: false, ...given };
}

function mermaid(diagram: string): string {
  return `\`\`\`mermaid\n${diagram}\`\`\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function commandTable(): string {
  const rows = SITUATIONS.map(([name, situation]) => {
    const allowed = PAID_BY.flatMap((paidBy) => allowedActions({ ...situation, paidBy }));
    return [name, ...ORDER_ACTIONS.map((action) => (allowed.includes(action) ? '✓' : ''))];
  });
  return table(['the order is', ...ORDER_ACTIONS.map((action) => `\`${action}\``)], rows);
}

function policyTable(): string {
  const rows = Object.entries(POLICIES).map(([key, { value, about }]) => [
    `\`${key}\``,
    `\`${JSON.stringify(value)}\``,
    about,
  ]);
  return table(['policy', 'default', 'meaning'], rows);
}

/** The file with each generated block as the code has it now; an unknown block is an error. */
async function render(file: string): Promise<string> {
  const text = readFileSync(file, 'utf8').replace(BLOCK, (_block, name: string) => {
    const make = BLOCKS[name];
    if (make === undefined) throw new Error(`${file}: there is no block ${name}`);
    return `<!-- begin ${name} -->\n\n${make()}\n\n<!-- end ${name} -->`;
  });
  return format(text, { ...(await resolveConfig(file)), parser: 'markdown' });
}

function documents(): string[] {
  const within = (folder: string) =>
    readdirSync(path.join(ROOT, folder), { recursive: folder === 'docs', encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => path.join(ROOT, folder, name));
  return [...within('.'), ...within('docs')];
}

/** Links to files that are not there. */
function brokenLinks(file: string): string[] {
  const text = readFileSync(file, 'utf8').replace(CODE, '');
  const targets = [...text.matchAll(LINK)].map(([, target = '']) => target);
  return targets.filter(
    (target) => !/^[a-z]+:/.test(target) && !existsSync(path.resolve(path.dirname(file), target)),
  );
}

/**
 * Writes the generated blocks of the docs; with `--check` only says whether those in the repository are still true.
 * Both look for links that lead nowhere.
 */
async function main(): Promise<void> {
  const isCheck = process.argv.includes('--check');
  for (const file of documents()) {
    const name = path.relative(ROOT, file);
    for (const link of brokenLinks(file)) fail(`${name}: ${link} is not there`);
    const text = await render(file);
    if (text === readFileSync(file, 'utf8')) continue;
    if (isCheck) fail(`${name} differs from the code: npm run docs`);
    else {
      writeFileSync(file, text);
      say(`${name} written`);
    }
  }
}

function fail(problem: string): void {
  say(problem);
  process.exitCode = 1;
}

main().catch((err: unknown) => {
  process.stderr.write(`${err instanceof Error ? (err.stack ?? err.message) : String(err)}\n`);
  process.exitCode = 1;
});
