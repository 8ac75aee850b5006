/** What may be wrong with invoices and credit notes: corruptions like the others. */
export const DOCUMENT_CORRUPTIONS = [
  [
    'I11',
    'an invoice that is gone',
    'completed',
    `delete from oms.invoices where order_id = $1`,
    'completed',
  ],
  [
    'I11',
    'an invoice over another amount',
    'completed',
    `update oms.invoices set total_minor = total_minor + 1 where order_id = $1`,
    'completed',
  ],
  [
    'I11',
    'a number that no document has',
    null,
    `update oms.document_series set last = last + 1`,
    'its counter says',
  ],
  [
    'I11',
    'an invoice whose lines say something else',
    'completed',
    `update oms.invoices set document = jsonb_set(document, '{lines,0,netMinor}', '1') where order_id = $1`,
    'its parts',
  ],
  [
    'I11',
    'a credit note that is gone',
    'refunded',
    `delete from oms.credit_notes where order_id = $1`,
    'no credit note',
  ],
] as const;
