import { existsSync } from 'node:fs';
import { mkdir, open, readFile, truncate, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { JournalRecord } from './records';

const Line = z.array(JournalRecord);

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (err: unknown) => void;
}

/**
 * An append-only file of JSON lines, each holding records that belong together. `append` resolves once the line
 * is with the operating system, so a killed process loses nothing it has answered for. Lines that wait at the same
 * moment are written together. It is not forced to the disk: the sandbox outlives its process, not the machine.
 */
export class Journal {
  readonly #handle: FileHandle;
  #lines: string[] = [];
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Opens the journal and hands back what it holds, oldest first. A half-written last line is cut off. */
  static async open(directory: string): Promise<{ journal: Journal; records: JournalRecord[] }> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = path.join(directory, 'journal.jsonl');
    const records = await readRecords(file);
    return { journal: new Journal(await open(file, 'a', 0o600)), records };
  }

  append(records: readonly JournalRecord[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#lines.push(`${JSON.stringify(records)}\n`);
      this.#waiting.push({ resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Resolves when everything appended so far is written: what is read after it may be told to others. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle.close();
  }

  async #writeAll(): Promise<void> {
    // Lets the other requests of this turn join the same write.
    await Promise.resolve();
    while (this.#lines.length > 0) {
      const waiting = this.#waiting;
      const text = this.#lines.join('');
      this.#waiting = [];
      this.#lines = [];
      try {
        await this.#handle.appendFile(text);
        for (const one of waiting) one.resolve();
      } catch (err) {
        for (const one of waiting) one.reject(err);
      }
    }
    this.#writing = null;
  }
}

async function readIfThere(file: string): Promise<Buffer> {
  if (!existsSync(file)) return Buffer.alloc(0);
  return await readFile(file);
}

async function readRecords(file: string): Promise<JournalRecord[]> {
  const content = await readIfThere(file);
  const end = content.lastIndexOf(0x0a) + 1;
  if (end < content.length) await truncate(file, end);
  const lines = content.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  return lines.flatMap((line, index) => {
    try {
      return Line.parse(JSON.parse(line));
    } catch (cause) {
      throw new Error(`${file} is damaged in line ${index + 1}; remove it to begin anew`, {
        cause,
      });
    }
  });
}
