import path from 'node:path';
import PDFDocument from 'pdfkit';

import type { CreditNote, Invoice } from '../../contracts/documents';
import { toPercent } from '../../domain/document-heading';
import { formatMoney, minorToDecimal } from '../../domain/money';
import { labelsOf, type PdfLabels } from './pdf-labels';

type Document = Invoice | CreditNote;
type Pdf = PDFKit.PDFDocument;

/** The same place seen from src/ and from dist/. */
const FONT = path.resolve(__dirname, '../../../assets/fonts/NotoSansSC-Regular.ttf');
const MARGIN = 48;
const WIDTH = 595.28 - 2 * MARGIN;
const BOTTOM = 841.89 - MARGIN;

/** An invoice to print. The same invoice gives the same bytes. */
export async function invoicePdf(invoice: Invoice): Promise<Buffer> {
  const labels = labelsOf(invoice.locale);
  return draw(invoice, { labels, title: labels.invoice, number: invoice.invoiceNo }, [
    [labels.due, invoice.dueDate],
  ]);
}

/** A credit note to print, likewise. */
export async function creditNotePdf(note: CreditNote): Promise<Buffer> {
  const labels = labelsOf(note.locale);
  const corrected = note.invoiceNo === null ? [] : [[labels.corrects, note.invoiceNo] as const];
  const head = { labels, title: labels.creditNote, number: note.creditNoteNo };
  return draw(note, { ...head, isCredit: true }, corrected);
}

interface Head {
  readonly labels: PdfLabels;
  readonly title: string;
  readonly number: string;
  readonly isCredit?: boolean;
}

type Fact = readonly [label: string, value: string];

async function draw(document: Document, head: Head, facts: readonly Fact[]): Promise<Buffer> {
  const { labels, title, number } = head;
  const date = new Date(`${document.issueDate}T00:00:00Z`);
  const info = { Title: `${title} ${number}`, CreationDate: date, ModDate: date };
  const pdf = new PDFDocument({ size: 'A4', margin: MARGIN, font: FONT, info });
  const done = collect(pdf);
  pdf.fontSize(20).text(`${title} ${number}`).moveDown(0.4).fontSize(9);
  const { orderNo, issueDate } = document;
  const known: Fact[] = [[labels.order, orderNo], [labels.issued, issueDate], ...facts];
  for (const [label, value] of known) pdf.text(`${label}: ${value}`);
  drawParties(pdf, document, labels);
  drawLines(pdf, document, labels);
  drawSums(pdf, document, head);
  pdf.end();
  return done;
}

function collect(pdf: Pdf): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
  });
}

function drawParties(pdf: Pdf, { seller, buyer }: Document, labels: PdfLabels): void {
  const top = pdf.y + 14;
  const half = WIDTH / 2;
  let bottom = top;
  for (const [n, label, party] of [
    [0, labels.seller, seller],
    [1, labels.buyer, buyer],
  ] as const) {
    const x = MARGIN + n * half;
    pdf.fillColor('#666').text(label, x, top, { width: half - 12 });
    pdf.fillColor('#000').text(addressOf(party, labels), { width: half - 12 });
    bottom = Math.max(bottom, pdf.y);
  }
  pdf.y = bottom + 18;
}

function addressOf({ name, address, taxId }: Document['seller'], labels: PdfLabels): string {
  const { line1, line2, city, region, postalCode, country } = address;
  const place = [postalCode, city, region].filter((part) => part !== null).join(' ');
  const number = taxId === null ? null : `${labels.taxId}: ${taxId}`;
  return [name, line1, line2, place, country, number]
    .filter((part) => part !== null && part !== '')
    .join('\n');
}

interface Column {
  readonly at: number;
  readonly width: number;
  readonly align: 'left' | 'right';
}

const COLUMNS: readonly Column[] = [
  { at: 0, width: 205, align: 'left' },
  { at: 205, width: 48, align: 'right' },
  { at: 253, width: 68, align: 'right' },
  { at: 321, width: 62, align: 'right' },
  { at: 383, width: 44, align: 'right' },
  { at: 427, width: WIDTH - 427, align: 'right' },
];

function drawLines(pdf: Pdf, document: Document, labels: PdfLabels): void {
  const { item, quantity, unitPrice, discount, rate, net } = labels;
  const { currency, shipping } = document;
  const head = [item, quantity, unitPrice, discount, rate, `${net} ${currency}`];
  const show = (minor: number): string => minorToDecimal(minor, currency);
  drawRow(pdf, head, head);
  for (const line of document.lines) {
    const title = titleOf(line, labels);
    const amounts = [show(line.unitPriceMinor), show(line.discountMinor), toPercent(line.taxRate)];
    drawRow(pdf, [title, String(line.quantity), ...amounts, show(line.netMinor)], head);
  }
  if (shipping !== null) {
    const amounts = ['', '', '', toPercent(shipping.taxRate), show(shipping.netMinor)];
    drawRow(pdf, [labels.shipping, ...amounts], head);
  }
}

function titleOf(line: Document['lines'][number], { titles }: PdfLabels): string {
  if (line.lineId === null) return titles[line.title] ?? line.title;
  return line.sku === null ? line.title : `${line.title} (${line.sku})`;
}

/** One row of the table, on a new page with the table's head where this one is full. */
function drawRow(pdf: Pdf, cells: readonly string[], head: readonly string[]): void {
  const height = Math.max(
    ...cells.map((cell, n) => pdf.heightOfString(cell, { width: (COLUMNS[n]?.width ?? 0) - 6 })),
  );
  if (pdf.y + height > BOTTOM - 8) {
    pdf.addPage();
    if (cells !== head) drawRow(pdf, head, head);
  }
  const top = pdf.y;
  cells.forEach((cell, n) => {
    const { at = 0, width = 0, align = 'left' } = COLUMNS[n] ?? {};
    pdf.text(cell, MARGIN + at, top, { width: width - 6, align });
  });
  const bottom = top + height + 3;
  const colour = cells === head ? '#000' : '#ccc';
  pdf
    .moveTo(MARGIN, bottom)
    .lineTo(MARGIN + WIDTH, bottom)
    .lineWidth(0.5)
    .stroke(colour);
  pdf.x = MARGIN;
  pdf.y = bottom + 4;
}

function drawSums(pdf: Pdf, document: Document, { labels, isCredit = false }: Head): void {
  const { currency, netMinor, totalMinor, prepaidMinor, payableMinor, taxBreakdown } = document;
  const show = (minor: number): string => formatMoney(minor, currency);
  const taxes = taxBreakdown.map(({ rate, taxableMinor, taxMinor }): Fact => {
    const label = `${labels.tax} ${toPercent(rate)} % (${labels.taxOf} ${show(taxableMinor)})`;
    return [label, show(taxMinor)];
  });
  const rows: Fact[] = [
    [labels.netSum, show(netMinor)],
    ...taxes,
    [labels.total, show(totalMinor)],
    [isCredit ? labels.refunded : labels.paid, show(prepaidMinor)],
    [labels.payable, show(payableMinor)],
  ];
  if (pdf.y + rows.length * 16 + 30 > BOTTOM) pdf.addPage();
  pdf.y += 8;
  for (const [label, value] of rows) {
    const top = pdf.y;
    pdf.fontSize(label === labels.total ? 12 : 9);
    pdf.text(label, MARGIN + 150, top, { width: 220, align: 'right' });
    pdf.text(value, MARGIN + 376, top, { width: WIDTH - 382, align: 'right' });
    pdf.y = top + (label === labels.total ? 18 : 14);
  }
  pdf.fontSize(9);
  if (document.taxIncluded) pdf.text(labels.included, MARGIN, pdf.y + 10, { width: WIDTH });
}
