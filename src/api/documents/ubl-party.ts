import type { Invoice } from '../../contracts/documents';
import { cleanXml } from './xml-text';

type Party = Invoice['seller'];
type Node = Readonly<Record<string, unknown>>;

/**
 * A party. One without an electronic address of its own, as every consumer, is reached through the other: the seller,
 * who mails the document on.
 */
export function ublParty(party: Party, through: Party): Node {
  const { name, address, taxId, email } = party;
  const [scheme, ...endpoint] = (party.endpoint ?? through.endpoint ?? '').split(':');
  return {
    'cbc:EndpointID': { '#text': endpoint.join(':'), '@_schemeID': scheme },
    'cac:PartyName': { 'cbc:Name': textOf(name) },
    'cac:PostalAddress': {
      ...part('cbc:StreetName', address.line1),
      ...part('cbc:AdditionalStreetName', address.line2),
      ...part('cbc:CityName', address.city),
      ...part('cbc:PostalZone', address.postalCode),
      ...part('cbc:CountrySubentity', address.region),
      'cac:Country': { 'cbc:IdentificationCode': address.country },
    },
    ...(taxId === null ? {} : { 'cac:PartyTaxScheme': taxScheme(taxId) }),
    'cac:PartyLegalEntity': {
      'cbc:RegistrationName': textOf(name),
      ...part('cbc:CompanyID', taxId),
    },
    ...(email === null ? {} : { 'cac:Contact': { 'cbc:ElectronicMail': cleanXml(email) } }),
  };
}

/** A VAT number begins with its country; any other number is one of a local register. */
function taxScheme(taxId: string): Node {
  const isVat = /^[A-Z]{2}[0-9A-Z]/.test(taxId);
  return { 'cbc:CompanyID': taxId, 'cac:TaxScheme': { 'cbc:ID': isVat ? 'VAT' : 'TAX' } };
}

function part(name: string, value: string | null): Node {
  const text = value === null ? '' : cleanXml(value);
  return text === '' ? {} : { [name]: text };
}

function textOf(text: string): string {
  return cleanXml(text) || '-';
}
