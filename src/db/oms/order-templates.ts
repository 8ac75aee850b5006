import type { OrderTemplate } from '../../contracts/intake';
import type { Queryable } from '../pool';

const TEMPLATE_JSON = `jsonb_build_object('id', t.id, 'name', t.name, 'body', t.body, 'version', t.version,
  'createdAt', oms.iso(t.created_at), 'updatedAt', oms.iso(t.updated_at))`;

interface TemplateRow {
  template: OrderTemplate;
}

export interface TemplateContent {
  readonly name: string;
  readonly body: unknown;
}

/** Null when another template has the name (in any case). */
export async function insertOrderTemplate(
  db: Queryable,
  content: TemplateContent,
): Promise<OrderTemplate | null> {
  const { rows } = await db.query<TemplateRow>(
    `insert into oms.order_templates as t (name, body) values ($1::text, $2::jsonb)
     on conflict do nothing returning ${TEMPLATE_JSON} as template`,
    [content.name, JSON.stringify(content.body)],
  );
  return rows[0]?.template ?? null;
}

export type TemplateUpdate =
  | { readonly kind: 'updated'; readonly template: OrderTemplate }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'name_taken' };

/** Replaces a template's name and body. */
export async function updateOrderTemplate(
  db: Queryable,
  id: string,
  content: TemplateContent,
): Promise<TemplateUpdate> {
  const { rows } = await db.query<{ template: OrderTemplate | null }>(
    `with changed as (
       update oms.order_templates t set name = $2::text, body = $3::jsonb, version = t.version + 1, updated_at = now()
       where t.id = $1::uuid and not exists (
         select from oms.order_templates x where lower(x.name) = lower($2::text) and x.id <> t.id)
       returning ${TEMPLATE_JSON} as template
     )
     select c.template from oms.order_templates t left join changed c on true where t.id = $1::uuid`,
    [id, content.name, JSON.stringify(content.body)],
  );
  const row = rows[0];
  if (row === undefined) return { kind: 'not_found' };
  if (row.template === null) return { kind: 'name_taken' };
  return { kind: 'updated', template: row.template };
}

export async function findOrderTemplate(db: Queryable, id: string): Promise<OrderTemplate | null> {
  const { rows } = await db.query<TemplateRow>(
    `select ${TEMPLATE_JSON} as template from oms.order_templates t where t.id = $1::uuid`,
    [id],
  );
  return rows[0]?.template ?? null;
}

/** Newest first. */
export async function listOrderTemplates(
  db: Queryable,
  page: { readonly after: string | null; readonly limit: number },
): Promise<OrderTemplate[]> {
  const { rows } = await db.query<TemplateRow>(
    `select ${TEMPLATE_JSON} as template from oms.order_templates t
     where $1::uuid is null or t.id < $1 order by t.id desc limit $2::integer`,
    [page.after, page.limit],
  );
  return rows.map((row) => row.template);
}

/** False when there was none. */
export async function deleteOrderTemplate(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query('delete from oms.order_templates where id = $1::uuid', [id]);
  return rowCount === 1;
}
