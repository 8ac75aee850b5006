import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { Books } from './books';
import type { CarrierAuto } from './carrier-auto';
import { toStatus, type Shipment } from './carrier-book';
import type { CarrierDesk } from './carrier-desk';
import { renderLabel } from './carrier-label';
import { beginFaultyCall, delayIfSlow, isCutOff } from './faults';
import { parseBody, Problem, readParam, readQuery, requireIdempotencyKey } from './problem';

const Address = z.looseObject({ name: z.string(), line1: z.string(), country: z.string() });
const Book = z.object({
  reference: z.string().min(1).max(200),
  kind: z.enum(['outbound', 'return']).default('outbound'),
  service: z.string().min(1).max(100),
  from: Address,
  to: Address,
  weightGrams: z.number().nonnegative(),
});
const Scans = z.object({
  scans: z
    .array(
      z.object({
        id: z.string().min(1).max(100).optional(),
        code: z.string().min(1).max(50),
        occurredAt: z.iso.datetime({ offset: true }),
        location: z.string().max(200).nullish(),
      }),
    )
    .min(1)
    .max(10_000),
  deliver: z.enum(['in_order', 'shuffled', 'duplicated']).default('in_order'),
});
const Auto = z.object({
  enabled: z.boolean(),
  stepMs: z.number().int().min(1).max(86_400_000).default(1500),
});

export interface CarrierRouteDeps {
  readonly books: Books;
  readonly desk: CarrierDesk;
  readonly auto: CarrierAuto;
  /** The sandbox's own address, for links to labels. */
  readonly publicUrl: () => string;
}

/** As the carrier shows a shipment: no address in it. */
export function toShownShipment(shipment: Shipment) {
  const { trackingNo, request, eta, bookedAt, handedOverAt, voidedAt, scans } = shipment;
  const { reference, kind, service, weightGrams, idempotencyKey } = request;
  return {
    ...{ trackingNo, kind, reference, status: toStatus(shipment), carrier: 'sandbox', service },
    ...{ eta, weightGrams, idempotencyKey, bookedAt, handedOverAt, voidedAt, scans },
  };
}

function requireShipment(books: Books, req: Request): Shipment {
  const shipment = books.carrier.findShipment(readParam(req, 'trackingNo'));
  if (!shipment) throw new Problem(404, 'unknown_shipment', 'There is no such shipment');
  return shipment;
}

/** What the port calls. */
function addBookings(router: Router, deps: CarrierRouteDeps): void {
  const { books, desk, auto } = deps;

  function withLabel(shipment: Shipment) {
    const labelUrl = `${deps.publicUrl()}/carrier/labels/${shipment.trackingNo}`;
    return { ...toShownShipment(shipment), labelUrl };
  }

  function begin(operation: string, key: string | null, http: { req: Request; res: Response }) {
    return beginFaultyCall(books, { service: 'carrier', operation, key }, http);
  }

  router.post('/shipments', async (req, res) => {
    const idempotencyKey = requireIdempotencyKey(req);
    const order = { idempotencyKey, ...parseBody(Book, req.body) };
    const call = await begin('book', idempotencyKey, { req, res });
    if (!call) return;
    const shipment = await desk.book(order, call.fault);
    call.answer(201, { shipment: withLabel(shipment) });
  });

  router.get('/bookings', async (req, res) => {
    if (isCutOff(books, 'carrier', req)) return;
    await books.settled();
    const booking = books.carrier.findBooking(readQuery(req, 'idempotencyKey') ?? '');
    // A refused booking left nothing behind: asking again is safe and gets the same answer.
    if (!booking || booking.kind === 'refused') {
      throw new Problem(404, 'not_found', 'No booking had this key');
    }
    const shipment =
      booking.kind === 'booked' ? books.carrier.findShipment(booking.trackingNo) : null;
    if (shipment) res.json({ state: 'booked', shipment: withLabel(shipment) });
    else res.json({ state: 'pending' });
  });

  router.post('/shipments/:trackingNo/void', async (req, res) => {
    requireShipment(books, req);
    const call = await begin('void', req.get('idempotency-key') ?? null, { req, res });
    if (!call) return;
    await delayIfSlow(call.fault);
    await desk.void(requireShipment(books, req));
    call.answer(200, { shipment: withLabel(requireShipment(books, req)) });
  });

  router.post('/shipments/:trackingNo/handed-over', async (req, res) => {
    const { trackingNo } = requireShipment(books, req);
    const call = await begin('handed_over', trackingNo, { req, res });
    if (!call) return;
    await delayIfSlow(call.fault);
    if (await desk.handOver(requireShipment(books, req))) auto.follow(trackingNo);
    call.answer(200, { shipment: withLabel(requireShipment(books, req)) });
  });

  router.post('/shipments/:trackingNo/intercept', async (req, res) => {
    const { trackingNo } = requireShipment(books, req);
    const call = await begin('intercept', trackingNo, { req, res });
    if (!call) return;
    await delayIfSlow(call.fault);
    await desk.intercept(requireShipment(books, req));
    call.answer(200, { shipment: withLabel(requireShipment(books, req)) });
  });

  router.get('/shipments', async (req, res) => {
    await books.settled();
    const reference = readQuery(req, 'reference');
    const items = books.carrier
      .shipments()
      .filter((s) => reference === null || s.request.reference === reference);
    res.json({ items: items.map(withLabel) });
  });

  router.get('/labels/:trackingNo', (req, res) => {
    res.type('html').send(renderLabel(requireShipment(books, req)));
  });
}

/** The outside's own doings: scans, deliveries, moving by itself. */
function addMovements(router: Router, { books, desk, auto }: CarrierRouteDeps): void {
  router.post('/shipments/:trackingNo/scans', async (req, res) => {
    const { scans, deliver } = parseBody(Scans, req.body);
    const reported = await desk.report(requireShipment(books, req), scans, deliver);
    res.json({ shipment: toShownShipment(requireShipment(books, req)), scans: reported });
  });

  router.post('/shipments/:trackingNo/deliver', async (req, res) => {
    const { trackingNo } = requireShipment(books, req);
    while (await desk.step(trackingNo)) continue;
    res.json({ shipment: toShownShipment(requireShipment(books, req)) });
  });

  router.put('/auto', async (req, res) => {
    await auto.set(parseBody(Auto, req.body));
    res.json(books.carrier.auto);
  });
}

/** The carrier: bookings and labels for the port, and everything that happens to parcels. */
export function createCarrierRoutes(deps: CarrierRouteDeps): Router {
  const router = Router();
  addBookings(router, deps);
  addMovements(router, deps);
  return router;
}
