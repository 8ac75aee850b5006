import { share } from './money';

export interface HandoverLine {
  readonly lineId: string;
  /** Units ordered. */
  readonly quantity: number;
  /** `unitPriceMinor` · `quantity` − `discountMinor`. */
  readonly itemValueMinor: number;
  readonly taxMinor: number;
  readonly shippedBefore: number;
  readonly shippedNow: number;
  readonly capturedBeforeMinor: number;
}

export interface Handover {
  readonly lines: readonly HandoverLine[];
  readonly shippingMinor: number;
  readonly shippingTaxMinor: number;
  readonly taxIncluded: boolean;
  /** Shipping and its tax are captured with the first hand-over of the order. */
  readonly isFirst: boolean;
}

export interface HandoverCapture {
  readonly amountMinor: number;
  /** Shipping with its tax where that is added; 0 on later hand-overs. */
  readonly shippingMinor: number;
  readonly lines: readonly { readonly lineId: string; readonly amountMinor: number }[];
}

/**
 * What one hand-over captures: per line the cumulative value of all units handed over so far less what
 * the line had captured before, never below 0. The hand-overs of an order add up to its total however
 * its units are split. A line with no units in this hand-over captures nothing.
 */
export function captureForHandover(handover: Handover): HandoverCapture {
  const { taxIncluded } = handover;
  const lines = handover.lines.map((line) => ({
    lineId: line.lineId,
    amountMinor: captureOfLine(line, taxIncluded),
  }));
  const shippingTaxMinor = taxIncluded ? 0 : handover.shippingTaxMinor;
  const shippingMinor = handover.isFirst ? handover.shippingMinor + shippingTaxMinor : 0;
  const amountMinor = lines.reduce((sum, line) => sum + line.amountMinor, shippingMinor);
  return { amountMinor, shippingMinor, lines };
}

function captureOfLine(line: HandoverLine, isTaxIncluded: boolean): number {
  if (line.shippedNow === 0) return 0;
  const shipped = line.shippedBefore + line.shippedNow;
  const itemMinor = share(line.itemValueMinor, shipped, line.quantity);
  const taxMinor = isTaxIncluded ? 0 : share(line.taxMinor, shipped, line.quantity);
  return Math.max(0, itemMinor + taxMinor - line.capturedBeforeMinor);
}
