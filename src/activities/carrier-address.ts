import type { CarrierAddress } from '../integrations/carrier';

/** An address snapshot as a carrier wants it; what is missing is left empty rather than made up. */
export function toCarrierAddress(snapshot: Readonly<Record<string, unknown>>): CarrierAddress {
  const text = (key: string): string => (typeof snapshot[key] === 'string' ? snapshot[key] : '');
  return {
    name: text('name'),
    company: text('company') || null,
    line1: text('line1'),
    line2: text('line2') || null,
    city: text('city'),
    region: text('region') || null,
    postalCode: text('postalCode') || null,
    country: text('country'),
    phone: text('phone') || null,
  };
}
