import {
  ProductAnswer,
  ProductPage,
  ProductParams,
  ProductQuery,
  PutProduct,
  type Product,
} from '../../contracts/catalogue';
import {
  findProduct,
  findUnusableParts,
  isStockItem,
  listProducts,
  putProduct,
  type ProductRow,
} from '../../db/oms/catalogue';
import { isOversold } from '../../db/oms/violations';
import type { Queryable } from '../../db/pool';
import { DomainError } from '../../domain/errors';
import { timeAndKeyAfter, toPage } from '../page';
import { defineRoute } from '../route';

function toProduct({ createdKey: _key, createdAt, updatedAt, ...row }: ProductRow): Product {
  return { ...row, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

async function loadProduct(db: Queryable, sku: string): Promise<Product> {
  const row = await findProduct(db, sku);
  if (row === null) throw new DomainError('not_found', 'There is no such product.');
  return toProduct(row);
}

const listAll = defineRoute({
  method: 'get',
  path: '/v1/products',
  scope: 'products:read',
  summary: 'Lists products, newest first',
  query: ProductQuery,
  responses: { 200: ProductPage },
  handler: async ({ query, deps }) => {
    const rows = await listProducts(deps.oms, {
      limit: query.limit + 1,
      after: timeAndKeyAfter(query.cursor),
      sku: null,
      active: query.active ?? null,
      category: query.category ?? null,
      q: query.q ?? null,
    });
    const body = toPage(rows, query.limit, toProduct, (row) => [row.createdKey, row.sku]);
    return { status: 200, body };
  },
});

const getOne = defineRoute({
  method: 'get',
  path: '/v1/products/{sku}',
  scope: 'products:read',
  summary: 'A product',
  params: ProductParams,
  responses: { 200: ProductAnswer },
  handler: async ({ params, deps }) => ({
    status: 200,
    body: { product: await loadProduct(deps.oms, params.sku) },
  }),
});

const put = defineRoute({
  method: 'put',
  path: '/v1/products/{sku}',
  scope: 'products:write',
  summary: 'Creates a product or replaces it as a whole',
  params: ProductParams,
  body: PutProduct,
  responses: { 200: ProductAnswer },
  errors: ['insufficient_stock'],
  handler: async ({ params, body, deps }) => {
    await checkKit(deps.oms, params.sku, body);
    try {
      await putProduct(deps.oms, params.sku, body);
    } catch (err) {
      if (!isOversold(err)) throw err;
      throw new DomainError('insufficient_stock', 'More is reserved than is there.', {
        errors: [{ path: 'backorder', message: 'cannot be denied while the product is oversold' }],
      });
    }
    return { status: 200, body: { product: await loadProduct(deps.oms, params.sku) } };
  },
});

/** A kit is made of other products that are no kits, each named once; and it has no stock of its own. */
async function checkKit(db: Queryable, sku: string, { kitParts }: PutProduct): Promise<void> {
  if (kitParts.length === 0) return;
  const unusable = new Set(
    await findUnusableParts(
      db,
      kitParts.map((part) => part.sku),
    ),
  );
  const skus = kitParts.map((part) => part.sku);
  const errors = kitParts.flatMap((part, index) =>
    part.sku === sku || unusable.has(part.sku) || skus.indexOf(part.sku) !== index
      ? [{ path: `kitParts.${index}.sku`, message: 'is not another product that is no kit itself' }]
      : [],
  );
  if (errors.length === 0 && (await isStockItem(db, sku)))
    errors.push({
      path: 'kitParts',
      message: 'the product is a part of a kit, or has stock of its own',
    });
  if (errors.length > 0)
    throw new DomainError('validation_failed', 'The kit has parts that cannot be used.', {
      errors,
    });
}

export const productRoutes = [listAll, getOne, put];
