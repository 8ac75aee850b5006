import { z } from 'zod';

import { IdParams, listQuery, pageOf } from '../../contracts/common';
import { Shipment, ShipmentEvent } from '../../contracts/shipments';
import { findShipment, listShipmentEvents } from '../../db/oms/shipments';
import { DomainError } from '../../domain/errors';
import { numberAfter, toPage } from '../page';
import { defineRoute } from '../route';

const getShipment = defineRoute({
  method: 'get',
  path: '/v1/shipments/{id}',
  scope: 'fulfillment:read',
  tag: 'fulfillment',
  summary: 'A shipment with its status and expected arrival',
  params: IdParams,
  responses: { 200: z.object({ shipment: Shipment }) },
  handler: async ({ params, deps }) => {
    const shipment = await findShipment(deps.oms, params.id);
    if (shipment === null) throw new DomainError('not_found', 'There is no such shipment.');
    return { status: 200, body: { shipment } };
  },
});

const getEvents = defineRoute({
  method: 'get',
  path: '/v1/shipments/{id}/events',
  scope: 'fulfillment:read',
  tag: 'fulfillment',
  summary: "The carrier's scans, in the order they were received",
  params: IdParams,
  query: listQuery({}),
  responses: { 200: pageOf(ShipmentEvent) },
  handler: async ({ params, query, deps }) => {
    const page = { after: numberAfter(query.cursor) ?? 0, limit: query.limit + 1 };
    const rows = await listShipmentEvents(deps.oms, params.id, page);
    if (rows === null) throw new DomainError('not_found', 'There is no such shipment.');
    const body = toPage(
      rows,
      query.limit,
      (row) => row.event,
      (row) => [row.key],
    );
    return { status: 200, body };
  },
});

export const shipmentRoutes = [getShipment, getEvents];
