import { parseArgs } from 'node:util';

const MOST = 100_000;

/**
 * The numbers a command line names, by their defaults and least values; null where help is asked for, which is then
 * printed. What cannot be read ends the process with 2.
 */
export function readNumbers(help, numbers) {
  try {
    const names = Object.keys(numbers);
    const { values } = parseArgs({
      options: {
        ...Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      process.stdout.write(`${help}\n`);
      return null;
    }
    const read = (name) => {
      const { usual, least } = numbers[name];
      const n = Number(values[name] ?? usual);
      if (Number.isInteger(n) && n >= least && n <= MOST) return n;
      throw new Error(`--${name} takes a number from ${least} to ${MOST}`);
    };
    return Object.fromEntries(names.map((name) => [name, read(name)]));
  } catch (err) {
    process.stderr.write(`${err.message}\n\n${help}\n`);
    process.exit(2);
  }
}
