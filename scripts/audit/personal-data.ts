import type { Queryable } from '../../src/db/pool';

/** What must not stand in the history of an order's workflows, by order id. */
export type PersonalData = ReadonlyMap<string, ReadonlyMap<string, string>>;

interface PersonRow {
  readonly id: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly names: readonly (string | null)[];
  readonly streets: readonly (string | null)[];
  readonly note: string | null;
}

const PEOPLE = `
  select id, email, phone, note,
    array[customer_name, ship_to ->> 'name', bill_to ->> 'name'] as names,
    array[ship_to ->> 'line1', bill_to ->> 'line1', ship_to ->> 'line2', bill_to ->> 'line2'] as streets
  from oms.orders where id = any($1::uuid[])`;

/** The e-mails, phones, names, streets and notes of orders. What is too short to be told from chance is left out. */
export async function readPersonalData(
  oms: Queryable,
  orderIds: readonly string[],
): Promise<PersonalData> {
  const { rows } = await oms.query<PersonRow & Record<string, unknown>>(PEOPLE, [orderIds]);
  return new Map(rows.map((row) => [row.id, toTexts(row)]));
}

function toTexts({ email, phone, names, streets, note }: PersonRow): Map<string, string> {
  const texts = new Map<string, string>();
  add(texts, 'e-mail address', [email]);
  add(texts, 'phone number', [phone]);
  add(texts, 'name', names);
  add(texts, 'street', streets);
  add(texts, 'note', [note]);
  return texts;
}

function add(texts: Map<string, string>, kind: string, values: readonly (string | null)[]): void {
  for (const value of values) {
    const text = value?.trim() ?? '';
    if (isTelling(text)) texts.set(text, kind);
  }
}

function isTelling(text: string): boolean {
  return text.length >= 6 || (text.length >= 2 && /[^ -ɏ]/.test(text));
}

/** Of whomever: an e-mail address, or a card token as gateways make them. */
const PATTERNS: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['e-mail address', /[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/i],
  ['card token', /\btok_\w+/],
];

/** The kinds of personal data in a text; says never which. */
export function findPersonalData(text: string, own: ReadonlyMap<string, string>): string[] {
  const kinds = new Set<string>();
  for (const [value, kind] of own) if (text.includes(value)) kinds.add(kind);
  for (const [kind, pattern] of PATTERNS) if (pattern.test(text)) kinds.add(kind);
  return [...kinds];
}
