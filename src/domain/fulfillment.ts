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
  /** Shipping with its tax that earlier hand-overs captured: the first one captures it. */
  readonly shippingCapturedMinor: number;
  /** Money that came without a card (prepaid, store credit) and that no earlier hand-over has used. */
  readonly coveredMinor: number;
}

export interface HandoverCapture {
  /** To be captured from cards: the worth of lines and shipping less what is covered otherwise. */
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
  const wholeShippingMinor = handover.shippingMinor + shippingTaxMinor;
  const shippingMinor = Math.max(0, wholeShippingMinor - handover.shippingCapturedMinor);
  const worthMinor = lines.reduce((sum, line) => sum + line.amountMinor, shippingMinor);
  return { amountMinor: Math.max(0, worthMinor - handover.coveredMinor), shippingMinor, lines };
}

/** An authorisation and what of it is neither captured nor owed. */
export interface AuthorizationRest {
  readonly paymentId: string;
  readonly restMinor: number;
}

export interface CaptureShare {
  readonly paymentId: string;
  readonly amountMinor: number;
}

/**
 * Spreads a capture over authorisations, oldest first, each at most its rest. What no authorisation covers stays with
 * the last one, where the gateway refuses it for a person to see.
 */
export function allocateCaptures(
  amountMinor: number,
  open: readonly AuthorizationRest[],
): CaptureShare[] {
  let leftMinor = amountMinor;
  return open.flatMap(({ paymentId, restMinor }, n) => {
    const isLast = n === open.length - 1;
    const taken = isLast ? leftMinor : Math.min(leftMinor, Math.max(0, restMinor));
    leftMinor -= taken;
    return taken > 0 ? [{ paymentId, amountMinor: taken }] : [];
  });
}

function captureOfLine(line: HandoverLine, isTaxIncluded: boolean): number {
  if (line.shippedNow === 0) return 0;
  const shipped = line.shippedBefore + line.shippedNow;
  const itemMinor = share(line.itemValueMinor, shipped, line.quantity);
  const taxMinor = isTaxIncluded ? 0 : share(line.taxMinor, shipped, line.quantity);
  return Math.max(0, itemMinor + taxMinor - line.capturedBeforeMinor);
}
