import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Journal } from './journal';
import type { JournalRecord } from './records';

let directory: string;

function aRecord(token: string): JournalRecord {
  return { type: 'gateway.errored', token, reference: 'order-1' };
}

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'journal-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('Journal', () => {
  it('hands back what was appended, in order, across processes', async () => {
    const first = await Journal.open(directory);
    await Promise.all(['a', 'b', 'c'].map((token) => first.journal.append([aRecord(token)])));
    await first.journal.close();

    const second = await Journal.open(directory);
    await second.journal.append([aRecord('d'), aRecord('e')]);
    await second.journal.close();

    const { journal, records } = await Journal.open(directory);
    await journal.close();
    expect(records).toEqual(['a', 'b', 'c', 'd', 'e'].map(aRecord));
  });

  it('has the line in the file once append has resolved', async () => {
    const { journal } = await Journal.open(directory);

    await journal.append([aRecord('a')]);

    const text = await readFile(path.join(directory, 'journal.jsonl'), 'utf8');
    expect(text).toBe(`${JSON.stringify([aRecord('a')])}\n`);
    await journal.close();
  });

  it('cuts off a last line that was not written to its end', async () => {
    const first = await Journal.open(directory);
    await first.journal.append([aRecord('a')]);
    await first.journal.close();
    await appendFile(path.join(directory, 'journal.jsonl'), '[{"type":"gateway.err');

    const second = await Journal.open(directory);
    await second.journal.append([aRecord('b')]);
    await second.journal.close();

    const { journal, records } = await Journal.open(directory);
    await journal.close();
    expect(records).toEqual([aRecord('a'), aRecord('b')]);
  });

  it('does not begin on damaged books', async () => {
    await appendFile(path.join(directory, 'journal.jsonl'), '[{"type":"no such thing"}]\n');

    await expect(Journal.open(directory)).rejects.toThrow('damaged in line 1');
  });
});
