import { connectAudit } from './audit/connect';
import { runAudit } from './audit/run-audit';
import { messageOf, say } from './runtime/say';

const HELP = `npm run audit
Checks all invariants of both stores, the sandbox's books and the workflow histories of the installation that runs in
THROUGHLINE_STATE_DIR (default .throughline), or of what OMS_DATABASE_URL, CRM_DATABASE_URL, SANDBOX_URL and
TEMPORAL_ADDRESS name. Changes nothing. Ends with 1 when something does not hold.`;

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    say(HELP);
    return;
  }
  const connection = connectAudit();
  try {
    const { isClean } = await runAudit({ ...connection.deps, report: say });
    say(
      isClean
        ? 'All invariants hold.'
        : 'Something does not hold; see the lines that begin with FAIL.',
    );
    if (!isClean) process.exitCode = 1;
  } finally {
    await connection.close();
  }
}

main().catch((err: unknown) => {
  say(messageOf(err));
  process.exitCode = 1;
});
