import type { Shipment } from './carrier-book';

const ADDRESS_FIELDS = [
  'name',
  'company',
  'line1',
  'line2',
  'postalCode',
  'city',
  'region',
  'country',
] as const;

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function renderAddress(address: Readonly<Record<string, unknown>>): string {
  return ADDRESS_FIELDS.map((field) => address[field])
    .filter((value) => typeof value === 'string')
    .filter((value) => value !== '')
    .map(escapeHtml)
    .join('<br>');
}

/** A label of 100 × 150 mm that any browser prints. Pure. */
export function renderLabel(shipment: Shipment): string {
  const { trackingNo, request } = shipment;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Label ${escapeHtml(trackingNo)}</title>
<style>
@page { size: 100mm 150mm; margin: 0 }
body { font: 12pt sans-serif; width: 88mm; margin: 6mm }
section { border-top: 1px solid #000; padding: 3mm 0 }
strong { font: bold 18pt monospace }
</style>
</head>
<body>
<h1>${escapeHtml(request.service)}</h1>
<section><small>From</small><br>${renderAddress(request.from)}</section>
<section><small>To</small><br>${renderAddress(request.to)}</section>
<section><strong>${escapeHtml(trackingNo)}</strong><br>
${request.weightGrams} g · ref ${escapeHtml(request.reference)}</section>
</body>
</html>
`;
}
