import { IdParams } from '../../contracts/common';
import { StoreCredit, StoreCreditQuery } from '../../contracts/store-credit';
import { findCustomerDetails } from '../../db/crm/customer-details';
import { findCustomer } from '../../db/crm/customer-reads';
import { findStoreCreditBalances, listStoreCredit } from '../../db/oms/store-credit';
import { DomainError } from '../../domain/errors';
import { pageById } from '../page';
import { defineRoute } from '../route';

const getStoreCredit = defineRoute({
  method: 'get',
  path: '/v1/customers/{id}/store-credit',
  scope: 'customers:read',
  tag: 'customers',
  summary: "A customer's store credit, with that of profiles merged into it",
  params: IdParams,
  query: StoreCreditQuery,
  responses: { 200: StoreCredit },
  handler: async ({ deps, params, query }) => {
    const found = await findCustomer(deps.crm, params.id);
    if (found === null) throw new DomainError('not_found', 'There is no such customer.');
    const { mergedIds } = await findCustomerDetails(deps.crm, found.survivorId);
    const ids = [found.survivorId, ...mergedIds];
    const [balances, page] = await Promise.all([
      findStoreCreditBalances(deps.oms, ids),
      pageById(query, (place) => listStoreCredit(deps.oms, ids, place)),
    ]);
    return { status: 200, body: { balances, ...page } };
  },
});

export const storeCreditRoutes = [getStoreCredit];
