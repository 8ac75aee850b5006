import {
  MUGS,
  walkAmended,
  walkExchanged,
  walkRefunded,
  walkReturned,
  walkUnitsCanceled,
} from './after-sales';
import { DEAR_LINE, type Line, type OrderSeed, plainLines, shopBody } from './bodies';
import type { Order } from './documents';
import { cancel, command, placeFromShop, shipAndDeliver, untilStage, work } from './steps';
import { type DemoOrder, start, startAndDeliver, walkChinese, walkHeld, walkSplit } from './walks';

export interface Kind {
  readonly name: string;
  /** Share of all orders. */
  readonly weight: number;
  /** Status, payment status and fulfilment status in which it must end. */
  readonly designed: string;
  /** What it takes of the catalogue; default what `plainLines` says. */
  readonly takes?: (seed: OrderSeed) => readonly Line[];
  /** Walks one order to its end. */
  readonly walk: (order: DemoOrder) => Promise<Order>;
}

const DELIVERED = 'completed, paid, delivered';
const NEVER_PAID = 'canceled, not_required, canceled';
const PARTLY_REFUNDED = 'completed, partially_refunded, delivered';
const GIVEN_BACK = 'canceled, voided, canceled';

const DEAR = { lines: [DEAR_LINE], discounts: [] };
const takesDear = () => [DEAR_LINE];
const takesNothing = () => [];
const DECLINED = { payment: { method: 'card', token: 'tok_declined' } };

/** In the order of their importance: a demo of few orders has the first kinds. */
export const KINDS: readonly Kind[] = [
  {
    name: 'happy, by card',
    weight: 26,
    designed: DELIVERED,
    walk: (demo) => startAndDeliver(demo),
  },
  {
    name: 'review, approved',
    weight: 6,
    designed: DELIVERED,
    takes: takesDear,
    walk: async (demo) => {
      const { id } = await start(demo, DEAR);
      await untilStage(demo.caller, id, 'review');
      await command(demo.caller, id, 'approve', { reason: 'known to us' });
      return shipAndDeliver(demo.caller, id);
    },
  },
  {
    name: 'review, rejected',
    weight: 4,
    designed: NEVER_PAID,
    takes: takesNothing,
    walk: async (demo) => {
      const billing = {
        name: 'B. Payer',
        line1: '9 Dock Rd',
        city: 'London',
        postalCode: 'E16 1AG',
        country: 'GB',
      };
      const { id } = await start(demo, { billingAddress: billing });
      await untilStage(demo.caller, id, 'review');
      await command(demo.caller, id, 'reject', { reason: 'addresses do not fit' });
      return untilStage(demo.caller, id, 'canceled');
    },
  },
  {
    name: 'declined, other card',
    weight: 6,
    designed: DELIVERED,
    walk: async (demo) => {
      const { id } = await start(demo, DECLINED);
      await untilStage(demo.caller, id, 'payment');
      await command(demo.caller, id, 'retry-payment', { token: 'tok_ok' });
      return shipAndDeliver(demo.caller, id);
    },
  },
  {
    name: 'declined, canceled',
    weight: 4,
    designed: NEVER_PAID,
    walk: async (demo) => {
      const { id } = await start(demo, DECLINED);
      await untilStage(demo.caller, id, 'payment');
      return cancel(demo.caller, id);
    },
  },
  {
    name: 'short, replenished',
    weight: 5,
    designed: DELIVERED,
    takes: takesNothing,
    walk: async (demo) => {
      const { id } = await start(demo, { lines: [{ sku: demo.stock.scarce, quantity: 2 }] });
      // Another one's stock may have served it, and then its own serves that one.
      await untilStage(demo.caller, id, 'shortage', 'warehouse');
      await demo.stock.receive(demo.stock.scarce, 'BOS', 2);
      return shipAndDeliver(demo.caller, id);
    },
  },
  {
    name: 'short, canceled',
    weight: 4,
    designed: NEVER_PAID,
    takes: takesNothing,
    walk: async (demo) => {
      const { id } = await start(demo, { lines: [{ sku: demo.stock.soldOut, quantity: 1 }] });
      await untilStage(demo.caller, id, 'shortage');
      await command(demo.caller, id, 'resolve-shortage', { choice: 'cancel', reason: 'too long' });
      return untilStage(demo.caller, id, 'canceled');
    },
  },
  {
    name: 'canceled in warehouse',
    weight: 4,
    designed: GIVEN_BACK,
    walk: async (demo) => {
      const { id } = await start(demo);
      await work(demo.caller, await untilStage(demo.caller, id, 'warehouse'), 'pick');
      return cancel(demo.caller, id);
    },
  },
  {
    name: 'canceled when packed',
    weight: 4,
    designed: GIVEN_BACK,
    walk: async (demo) => {
      const { id } = await start(demo);
      await work(demo.caller, await untilStage(demo.caller, id, 'warehouse'), 'pack');
      return cancel(demo.caller, id);
    },
  },
  {
    name: 'canceled at once',
    weight: 3,
    designed: GIVEN_BACK,
    walk: async (demo) => {
      const { id } = await start(demo);
      await untilStage(demo.caller, id, 'warehouse');
      return cancel(demo.caller, id);
    },
  },
  {
    name: 'held, released',
    weight: 4,
    designed: DELIVERED,
    walk: walkHeld,
  },
  {
    name: 'cash on delivery',
    weight: 5,
    designed: DELIVERED,
    walk: (demo) => startAndDeliver(demo, { payment: { method: 'cod' } }),
  },
  {
    name: 'prepaid',
    weight: 5,
    designed: DELIVERED,
    walk: (demo) => startAndDeliver(demo, prepaid(demo)),
  },
  {
    name: 'prepaid, canceled',
    weight: 2,
    designed: 'canceled, overpaid, canceled',
    walk: async (demo) => {
      const { id } = await start(demo, prepaid(demo));
      await untilStage(demo.caller, id, 'warehouse');
      return cancel(demo.caller, id);
    },
  },
  {
    name: 'invoice',
    weight: 4,
    designed: 'completed, unpaid, delivered',
    walk: (demo) => startAndDeliver(demo, { payment: { method: 'invoice', terms: 'net30' } }),
  },
  {
    name: 'two warehouses',
    weight: 5,
    designed: DELIVERED,
    takes: takesNothing,
    walk: walkSplit,
  },
  {
    name: 'by Shopify, paid',
    weight: 4,
    designed: DELIVERED,
    walk: async ({ caller, seed, placed }) => {
      const { order } = await placeFromShop(caller, shopBody(seed));
      placed(order);
      return shipAndDeliver(caller, order.id);
    },
  },
  {
    name: 'by Shopify, paid later',
    weight: 2,
    designed: DELIVERED,
    walk: async ({ caller, seed, placed }) => {
      const { order, shopId } = await placeFromShop(
        caller,
        shopBody(seed, { financialStatus: 'pending' }),
      );
      placed(order);
      await untilStage(caller, order.id, 'payment');
      await caller.sandbox('POST', '/storefront/orders', { topic: 'orders/paid', orderId: shopId });
      return shipAndDeliver(caller, order.id);
    },
  },
  {
    name: 'by Shopify, canceled',
    weight: 2,
    designed: 'canceled, overpaid, canceled',
    walk: async ({ caller, seed, placed }) => {
      const { order, shopId } = await placeFromShop(caller, shopBody(seed));
      placed(order);
      await untilStage(caller, order.id, 'warehouse');
      await caller.sandbox('POST', '/storefront/orders', {
        topic: 'orders/cancelled',
        orderId: shopId,
      });
      return untilStage(caller, order.id, 'canceled');
    },
  },
  {
    name: 'in Chinese, in yuan',
    weight: 5,
    designed: DELIVERED,
    walk: walkChinese,
  },
  {
    name: 'gateway fails twice',
    weight: 2,
    designed: DELIVERED,
    walk: (demo) =>
      startAndDeliver(demo, { payment: { method: 'card', token: 'tok_error_then_ok' } }),
  },
  {
    name: 'returned',
    weight: 4,
    designed: 'completed, refunded, delivered',
    takes: () => [MUGS],
    walk: walkReturned,
  },
  {
    name: 'exchanged',
    weight: 3,
    designed: PARTLY_REFUNDED,
    takes: () => [MUGS, MUGS],
    walk: walkExchanged,
  },
  {
    name: 'refunded in part',
    weight: 4,
    designed: PARTLY_REFUNDED,
    walk: walkRefunded,
  },
  {
    name: 'amended',
    weight: 4,
    designed: DELIVERED,
    takes: (seed) => [...plainLines(seed), MUGS],
    walk: walkAmended,
  },
  {
    name: 'units canceled',
    weight: 3,
    designed: DELIVERED,
    takes: () => [MUGS],
    walk: walkUnitsCanceled,
  },
];

/** What a kind takes of the catalogue's stock for one order. */
export function demandOf(kind: Kind, seed: OrderSeed): readonly Line[] {
  return (kind.takes ?? plainLines)(seed);
}

function prepaid({ seed }: DemoOrder): object {
  return { payment: { method: 'prepaid', reference: `bank ${seed.run}-${String(seed.n)}` } };
}
