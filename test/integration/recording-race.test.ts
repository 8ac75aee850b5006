import { recordChange, recordingWith, runRecording, SYSTEM } from '../../src/db/oms/record-change';
import { withTransaction } from '../../src/db/pool';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { insertPaidOrder } from '../helpers/paid-order';
import { waitFor } from '../helpers/wait-for';

const COUNT_NOTES = recordingWith('', {
  result: `(select count(*)::int from oms.order_events e where e.order_id = m.id) as seen`,
});

describe('a recording that waits for the lock of its order', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.close());

  async function untilOneWaits(): Promise<void> {
    await waitFor('the second writer to wait', async () => {
      const { rows } = await db.admin.query<{ n: number }>(
        `select count(*)::int as n from pg_locks
         where not granted and pid in (select pid from pg_stat_activity where datname = current_database())`,
      );
      return rows[0]?.n === 1 ? true : null;
    });
  }

  it('reads everything as the last one left it, and is made once', async () => {
    const { orderId } = await insertPaidOrder(db, [{ method: 'card', capturedMinor: 2189 }]);
    const change = { orderId, actor: SYSTEM, events: [{ type: 'noted' }] };
    let second: Promise<{ seen: number; rev: number; until: Date | null }> | undefined;

    const first = await withTransaction(db.oms, async (tx) => {
      const recorded = await recordChange(tx, change);
      second = withTransaction(db.oms, (other) => runRecording(other, COUNT_NOTES, change, []));
      await untilOneWaits();
      return recorded;
    });

    const { seen, rev } = (await second) ?? { seen: 0, rev: 0 };
    expect({ seen, rev }).toEqual({ seen: 1, rev: first.rev + 1 });
    const { rows } = await db.admin.query(
      'select seq from oms.order_events where order_id = $1 order by seq',
      [orderId],
    );
    expect(rows).toHaveLength(2);
  });
});
