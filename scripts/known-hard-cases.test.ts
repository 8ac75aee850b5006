import { readFileSync } from 'node:fs';
import path from 'node:path';

const DOCS = path.resolve(__dirname, '../docs');
const ROWS = readFileSync(path.join(DOCS, 'known-hard-cases.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line));

/** Every test that the table names: its row, its name and its file. */
const TESTS = ROWS.flatMap((row) =>
  [...row.matchAll(/\[([^\]]+)\]\((\.\.\/[^)]+\.ts)\)/g)].map(
    ([, name = '', file = '']) => [Number(row.split('|')[1]), name, file] as const,
  ),
);

/** The texts in a file, its tests' titles among them. */
function textsOf(file: string): string[] {
  const source = readFileSync(path.join(DOCS, file), 'utf8');
  const quoted = [...source.matchAll(/'([^'\n]+)'|"([^"\n]+)"|`([^`\n]+)`/g)];
  return quoted.map(([text]) => withoutNumbers(text.slice(1, -1)));
}

/** What a template fills in is a number. */
function withoutNumbers(title: string): string {
  return title.replaceAll(/\$\{[^}]*\}|\d+/g, '#');
}

describe('the table of known hard cases', () => {
  it('has 18 rows, each with tests', () => {
    expect(ROWS.map((row) => Number(row.split('|')[1]))).toEqual(
      Array.from({ length: 18 }, (_, n) => n + 1),
    );
    expect([...new Set(TESTS.map(([row]) => row))]).toHaveLength(ROWS.length);
  });

  it.each(TESTS)('row %i: "%s" is in %s', (_row, name, file) => {
    expect(textsOf(file)).toContain(withoutNumbers(name));
  });
});
