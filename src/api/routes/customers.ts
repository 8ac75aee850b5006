import { z } from 'zod';

import { IdParams } from '../../contracts/common';
import {
  type Customer,
  CustomerDetail,
  CustomerList,
  CustomerListQuery,
  Timeline,
  TimelineQuery,
} from '../../contracts/customers';
import { findCustomerDetails, listTimeline } from '../../db/crm/customer-details';
import { type CustomerPlace, findCustomer, listCustomers } from '../../db/crm/customer-reads';
import { findOpenOrdersOf } from '../../db/oms/customer-orders';
import type { Pool } from '../../db/pool';
import { DomainError } from '../../domain/errors';
import { decodeCursor, pageById, toPage } from '../page';
import { defineRoute } from '../route';

const CONTACT_KINDS = [
  'message_sent',
  'message_bounced',
  'case_opened',
  'case_message',
  'survey_answered',
  'note',
];
const Moved = z.object({ customerId: z.string() }).meta({ description: 'Merged: see Location' });

const getCustomers = defineRoute({
  method: 'get',
  path: '/v1/customers',
  scope: 'customers:read',
  tag: 'customers',
  summary: 'Customers by filters; with `q` best match first',
  query: CustomerListQuery,
  responses: { 200: CustomerList },
  handler: async ({ deps, query }) => {
    const { limit, cursor, ...filter } = query;
    const after = placeAfter(cursor);
    const rows = await listCustomers(deps.crm, filter, { limit: limit + 1, after });
    const body = toPage(
      rows,
      limit,
      (row) => row.customer,
      (row) => [row.rank, row.customer.id],
    );
    return { status: 200, body };
  },
});

const getCustomer = defineRoute({
  method: 'get',
  path: '/v1/customers/{id}',
  scope: 'customers:read',
  tag: 'customers',
  summary: 'One customer with all that belongs to it',
  params: IdParams,
  responses: { 200: z.object({ customer: CustomerDetail }), 301: Moved },
  handler: async ({ deps, params }) => {
    const found = await findOrRefuse(deps.crm, params.id);
    if (found.survivorId !== found.customer.id) return moved(found.survivorId, '');
    const { customer } = found;
    const details = await findCustomerDetails(deps.crm, customer.id);
    const [openOrders, lastContacts] = await Promise.all([
      findOpenOrdersOf(deps.oms, [customer.id, ...details.mergedIds]),
      listTimeline(deps.crm, customer.id, { kinds: CONTACT_KINDS }, { limit: 20, after: null }),
    ]);
    return {
      status: 200,
      body: { customer: { ...customer, ...details, ...NOT_YET, openOrders, lastContacts } },
    };
  },
});

/** Kept by components that do not exist yet. */
const NOT_YET = {
  rfm: [],
  points: { balance: 0, pending: 0 },
  openReturns: [],
  openCases: [],
  legalHold: false,
};

const getTimeline = defineRoute({
  method: 'get',
  path: '/v1/customers/{id}/timeline',
  scope: 'customers:read',
  tag: 'customers',
  summary: 'What happened with a customer, latest first',
  params: IdParams,
  query: TimelineQuery,
  responses: { 200: Timeline, 301: Moved },
  handler: async ({ deps, params, query }) => {
    const found = await findOrRefuse(deps.crm, params.id);
    if (found.survivorId !== found.customer.id)
      return moved(found.survivorId, `/timeline${toQueryString(query)}`);
    const { limit, cursor, ...filter } = query;
    const { id } = found.customer;
    const body = await pageById({ limit, cursor }, (page) =>
      listTimeline(deps.crm, id, filter, page),
    );
    return { status: 200, body };
  },
});

async function findOrRefuse(
  crm: Pool,
  id: string,
): Promise<{ customer: Customer; survivorId: string }> {
  const found = await findCustomer(crm, id);
  if (found === null) throw new DomainError('not_found', 'There is no such customer.');
  return found;
}

function moved(customerId: string, rest: string) {
  const headers = { location: `/v1/customers/${customerId}${rest}` };
  return { status: 301 as const, body: { customerId }, headers };
}

function toQueryString(query: Readonly<Record<string, string | number | undefined>>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    if (value !== undefined) params.set(key, String(value));
  return params.size === 0 ? '' : `?${params.toString()}`;
}

function placeAfter(cursor: string | undefined): CustomerPlace | null {
  const parts = decodeCursor(cursor, 2);
  if (parts === null) return null;
  const [rank, id] = parts;
  const place = z.object({ rank: z.coerce.number().pipe(z.int().min(0).max(9)), id: z.uuid() });
  const parsed = place.safeParse({ rank, id });
  if (parsed.success) return parsed.data;
  throw new DomainError('validation_failed', 'The cursor is not one of this list.', {
    errors: [{ path: 'cursor', message: 'is not a cursor of this list' }],
  });
}

export const customerRoutes = [getCustomers, getCustomer, getTimeline];
