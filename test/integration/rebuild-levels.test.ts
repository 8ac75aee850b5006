import { findDriftedLevels, rebuildLevels } from '../../src/db/oms/rebuild-levels';
import { withTransaction } from '../../src/db/pool';
import { createTestDatabase, type TestDatabase } from '../helpers/database';

const MUG = "sku = 'MUG-WHITE' and location = 'BOS'";

describe('rebuilding stock levels from the ledger', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.close());

  const rebuild = () => withTransaction(db.oms, rebuildLevels);

  async function levels(): Promise<unknown[]> {
    const { rows } = await db.admin.query(
      `select sku, location, on_hand, reserved, unavailable from oms.inventory_levels order by 1, 2`,
    );
    return rows;
  }

  it('finds nothing where only steps moved stock', async () => {
    expect(await findDriftedLevels(db.oms)).toEqual([]);
    expect(await rebuild()).toEqual([]);
  });

  it('sets a level that was changed by hand back, once, and looks at the orders that wait for it', async () => {
    const before = await levels();
    await db.admin.query(
      `update oms.inventory_levels set on_hand = on_hand - 3, reserved = reserved + 1 where ${MUG}`,
    );

    const found = await findDriftedLevels(db.oms);
    expect(found).toMatchObject([{ sku: 'MUG-WHITE', location: 'BOS' }]);
    const [{ level, ledger }] = found as [(typeof found)[0]];
    expect(ledger).toEqual({ ...level, onHand: level.onHand + 3, reserved: level.reserved - 1 });
    expect(await rebuild()).toEqual(found);
    expect(await levels()).toEqual(before);
    expect(await rebuild()).toEqual([]);
    const { rows } = await db.admin.query(
      `select sku from oms.stock_wakes where served_at is null and sku = 'MUG-WHITE'`,
    );
    expect(rows).toHaveLength(1);
  });

  it('waits for a step that is moving stock, and counts what it moved', async () => {
    const before = await levels();
    await db.admin.query(`update oms.inventory_levels set on_hand = on_hand + 9 where ${MUG}`);
    let rebuilt: Promise<unknown> | undefined;
    await withTransaction(db.oms, async (tx) => {
      await tx.query(`update oms.inventory_levels set on_hand = on_hand + 2 where ${MUG}`);
      rebuilt = rebuild();
      await tx.query(
        `insert into oms.stock_ledger (sku, location, delta_on_hand, reason, doc_type, doc_id, actor_type, actor_id)
         values ('MUG-WHITE', 'BOS', 2, 'receipt', 'adjustment', 'a', 'system', 'test')`,
      );
    });
    await rebuilt;
    expect(await findDriftedLevels(db.oms)).toEqual([]);
    await db.admin.query(
      `insert into oms.stock_ledger (sku, location, delta_on_hand, reason, doc_type, doc_id, actor_type, actor_id)
       values ('MUG-WHITE', 'BOS', -2, 'correction', 'adjustment', 'b', 'system', 'test')`,
    );
    await rebuild();
    expect(await levels()).toEqual(before);
  });

  it('changes nothing where a ledger has no legal sum', async () => {
    await db.admin.query(
      `insert into oms.stock_ledger (sku, location, delta_on_hand, reason, doc_type, doc_id, actor_type, actor_id)
       values ('MUG-WHITE', 'BOS', -1000000, 'loss', 'adjustment', 'x', 'system', 'test')`,
    );
    const before = await levels();
    await expect(rebuild()).rejects.toThrow('inventory_levels_not_oversold');
    expect(await levels()).toEqual(before);
  });
});
