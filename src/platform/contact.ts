import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';

export interface ContactValue {
  /** As it is stored and compared. */
  readonly value: string;
  readonly valid: boolean;
}

const EMAIL = /^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\]+\.[^\s@<>(),;:"[\]\\.]{2,}$/;
const EMAIL_MAX = 254;

/** E-mails are compared trimmed and lower-cased; one that is malformed is kept as given and marked. Null when empty. */
export function normalizeEmail(text: string | null): ContactValue | null {
  const value = text?.trim().toLowerCase() ?? '';
  if (value === '') return null;
  return { value, valid: value.length <= EMAIL_MAX && EMAIL.test(value) };
}

/**
 * A valid phone number in E.164, whatever its spelling; `country` (ISO 3166 alpha-2) reads national spellings. An
 * invalid one is kept as given and marked. Null when empty.
 */
export function normalizePhone(text: string | null, country: string | null): ContactValue | null {
  const given = text?.trim() ?? '';
  if (given === '') return null;
  const parsed = parsePhoneNumberFromString(given, knownCountry(country));
  return parsed?.isValid() === true
    ? { value: parsed.number, valid: true }
    : { value: given, valid: false };
}

function knownCountry(country: string | null): CountryCode | undefined {
  const code = country?.toUpperCase() ?? '';
  return isSupportedCountry(code) ? code : undefined;
}
