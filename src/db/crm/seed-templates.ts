import type { Queryable } from '../pool';

import { BUILT_IN_TEMPLATES } from './built-in-templates';

/** Stores the built-in templates whose key has no version yet, so that changed ones stay; may run any number of times. */
export async function seedTemplates(db: Queryable): Promise<void> {
  await db.query(
    `insert into crm.templates (key, version, channel, class, topic, subject, text, html)
     select t.key, 1, 'email', 'transactional', t.topic, t.subject, t.text, t.html
     from jsonb_to_recordset($1::jsonb) as t(key text, topic text, subject jsonb, text jsonb, html jsonb)
     where not exists (select from crm.templates known where known.key = t.key)
     on conflict do nothing`,
    [JSON.stringify(BUILT_IN_TEMPLATES)],
  );
}
