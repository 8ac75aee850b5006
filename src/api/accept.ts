interface Wish {
  readonly type: string;
  readonly quality: number;
}

/**
 * The offered media type that a caller's `Accept` likes best, the first among equals; null when it takes none of them.
 * No header takes anything.
 */
export function chooseType<T extends string>(
  accept: string | undefined,
  offers: readonly T[],
): T | null {
  const wishes = (accept ?? '*/*').split(',').map(parseWish);
  let best: { readonly offer: T; readonly quality: number } | null = null;
  for (const offer of offers) {
    const quality = qualityOf(offer, wishes);
    if (quality > (best?.quality ?? 0)) best = { offer, quality };
  }
  return best?.offer ?? null;
}

function parseWish(text: string): Wish {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const given = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = given === undefined ? 1 : Number(given.slice(2));
  return { type, quality: Number.isNaN(quality) ? 0 : quality };
}

/** The most exact wish decides: `application/json` before `application/*` before anything. */
function qualityOf(offer: string, wishes: readonly Wish[]): number {
  const range = `${offer.split('/')[0] ?? ''}/*`;
  for (const type of [offer, range, '*/*']) {
    const wish = wishes.find((candidate) => candidate.type === type);
    if (wish !== undefined) return wish.quality;
  }
  return 0;
}
