import { z } from 'zod';

import { POLICIES, type PolicyDefault, type PolicyKey, type PolicyKind } from '../domain/policies';

import { AmountMinor, CurrencyCode, listQuery, pageOf, text, Timestamp } from './common';

/** Days and smaller: months and years have no fixed length, and a deadline needs one. */
const DURATION =
  /^P(?=.)(?:\d{1,4}W|(?:\d{1,5}D)?(?:T(?=.)(?:\d{1,6}H)?(?:\d{1,6}M)?(?:\d{1,8}(?:\.\d{1,3})?S)?)?)$/;
export const Duration = z.string().regex(DURATION, 'is not an ISO 8601 duration like PT30M or P3D');

const Count = z.int().min(0).max(1_000_000_000);

const VALUE_OF: Readonly<Record<Exclude<PolicyKind, 'choice'>, z.ZodType>> = {
  duration: Duration,
  silence: z.union([
    Duration,
    z
      .record(text(50), Duration)
      .refine((value) => 'default' in value, 'needs a default beside its carriers'),
  ]),
  amounts: z.record(CurrencyCode, AmountMinor),
  count: Count,
  velocity: z.strictObject({ orders: Count, per: Duration }),
  channels: z.array(text(50)).max(100),
  switch: z.boolean(),
  rates: z.record(z.string().regex(/^[a-z]{1,20}$/), Count),
};

/** The body of a PUT, for one key: its value in its kind, or null to switch it off. */
export function putPolicy(key: PolicyKey): z.ZodType<{ value: unknown }> {
  return z.strictObject({ value: valueOf(POLICIES[key]).nullable() });
}

function valueOf({ kind, options = [] }: PolicyDefault): z.ZodType {
  return kind === 'choice' ? z.enum(options) : VALUE_OF[kind];
}

/** Any policy's body, for the document; `putPolicy` is what is checked. */
export const PutPolicy = z
  .looseObject({ value: z.unknown().meta({ description: 'By its key; null switches it off' }) })
  .meta({ id: 'PutPolicy' });

export const Policy = z
  .object({
    key: z.string(),
    value: z.unknown(),
    description: z.string().nullable(),
    updatedAt: Timestamp,
    updatedBy: z.string(),
  })
  .meta({ id: 'Policy' });
export type Policy = z.infer<typeof Policy>;

export const PolicyParams = z.strictObject({ key: text(100) });
export const PolicyAnswer = z.object({ policy: Policy });
export const PolicyPage = pageOf(Policy);
export const PolicyQuery = listQuery({});
