import { inflateSync } from 'node:zlib';

/** The text of a PDF with one embedded font, as a reader would copy it: by the font's own table of characters. */
export function textOfPdf(pdf: Buffer): string {
  const streams = streamsOf(pdf);
  const table = streams.find((stream) => stream.includes('beginbfrange'));
  if (table === undefined) throw new Error('the font does not say which characters it shows');
  const characters = readCharacters(table);
  return streams
    .filter((stream) => stream.includes(' TJ'))
    .flatMap((stream) => [...stream.matchAll(/\[([^\]]*)\] TJ/g)])
    .map(([, shown = '']) => decode(shown, characters))
    .join('\n');
}

function streamsOf(pdf: Buffer): string[] {
  const streams: string[] = [];
  let at = 0;
  for (;;) {
    const start = pdf.indexOf('\nstream\n', at);
    if (start < 0) return streams;
    const end = pdf.indexOf('\nendstream', start);
    streams.push(inflate(pdf.subarray(start + 8, end)));
    at = end;
  }
}

function inflate(bytes: Buffer): string {
  try {
    return inflateSync(bytes).toString('latin1');
  } catch {
    return '';
  }
}

/** `<0000> <00ff> [<0041> …]`: the characters from the first glyph on. */
function readCharacters(table: string): Map<number, string> {
  const characters = new Map<number, string>();
  for (const [, first = '', list = ''] of table.matchAll(/<(\w{4})> <\w{4}> \[([^\]]*)\]/g)) {
    const codes = [...list.matchAll(/<(\w*)>/g)].map(([, code = '']) => code);
    codes.forEach((code, n) => {
      const text = Buffer.from(code, 'hex').swap16().toString('utf16le');
      characters.set(parseInt(first, 16) + n, text);
    });
  }
  return characters;
}

function decode(shown: string, characters: ReadonlyMap<number, string>): string {
  const glyphs = [...shown.matchAll(/<(\w*)>/g)].flatMap(
    ([, hex = '']) => hex.match(/.{4}/g) ?? [],
  );
  return glyphs.map((glyph) => characters.get(parseInt(glyph, 16)) ?? '�').join('');
}
