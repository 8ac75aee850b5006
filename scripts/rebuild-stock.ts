import { type DriftedLevel, findDriftedLevels, rebuildLevels } from '../src/db/oms/rebuild-levels';
import { withTransaction } from '../src/db/pool';
import { connectAudit } from './audit/connect';
import { messageOf, say } from './runtime/say';

const HELP = `npm run rebuild-stock [-- --apply]
Names each stock level that is not the sum of its ledger, as the audit's line I2 does; with --apply sets it to that sum.
Works on the installation that runs in THROUGHLINE_STATE_DIR (default .throughline), or on what OMS_DATABASE_URL and
CRM_DATABASE_URL name. May run while orders are under way. Ends with 1 when a level differs and was not rebuilt.`;

function describe({ sku, location, level, ledger }: DriftedLevel): string {
  const units = (['onHand', 'reserved', 'unavailable'] as const)
    .filter((unit) => level[unit] !== ledger[unit])
    .map((unit) => `${unit} ${String(level[unit])}, by its ledger ${String(ledger[unit])}`);
  return `${sku} at ${location}: ${units.join('; ')}`;
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    say(HELP);
    return;
  }
  const isApplied = process.argv.includes('--apply');
  const connection = connectAudit();
  try {
    const { oms } = connection.deps;
    const levels = isApplied
      ? await withTransaction(oms, rebuildLevels)
      : await findDriftedLevels(oms);
    for (const level of levels) say(describe(level));
    const count = `${String(levels.length)} ${levels.length === 1 ? 'level' : 'levels'}`;
    if (levels.length === 0) say('Every level is the sum of its ledger.');
    else if (isApplied) say(`${count} rebuilt.`);
    else {
      say(`${count} to rebuild: npm run rebuild-stock -- --apply`);
      process.exitCode = 1;
    }
  } finally {
    await connection.close();
  }
}

main().catch((err: unknown) => {
  say(messageOf(err));
  process.exitCode = 1;
});
