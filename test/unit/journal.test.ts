import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { trackIdSchema } from '../../contract/ids.ts';
import type { JournalRecord } from '../../main/recording/journal-records.ts';
import { readJournalLines } from '../../main/recording/journal-lines.ts';
import { createJournal } from '../../main/recording/journal.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import type { Files } from '../../main/recording/ports.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallylight-journal-'));
});
afterEach(() => rm(folder, { recursive: true }));

const trackId = trackIdSchema.parse('9caf2601-22da-4159-b859-1f8f5324b3f0');
const durable = (sizeBytes: number): JournalRecord => ({
  kind: 'durable',
  trackId,
  segment: 0,
  sizeBytes,
  durationMs: 1,
  atMs: 1,
});
const sizesOf = (records: readonly JournalRecord[]): number[] =>
  records.flatMap((record) => (record.kind === 'durable' ? [record.sizeBytes] : []));

async function recordsIn(): Promise<JournalRecord[]> {
  return readJournalLines(await readFile(join(folder, 'journal.jsonl'))).records;
}

/** Real files whose writes wait until they are let through, or fail when told so. */
function slowFiles(): { files: Files; letThrough: () => void; failNext: () => void; writing: () => Promise<void> } {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  let fails = false;
  const files: Files = {
    ...nodeFiles,
    create: async (path) => {
      const file = await nodeFiles.create(path);
      return {
        ...file,
        write: async (bytes, position) => {
          begun.resolve();
          await gate.promise;
          if (fails) {
            fails = false;
            throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
          }
          await file.write(bytes, position);
        },
      };
    },
  };
  return {
    files,
    letThrough: () => gate.resolve(),
    failNext: () => {
      fails = true;
    },
    writing: () => begun.promise,
  };
}

describe('journal', () => {
  test('keeps every record that comes while another is being written, in order', async () => {
    const { files, letThrough, writing } = slowFiles();
    const journal = await createJournal(files, folder);
    const appended = [journal.append(durable(0))];
    await writing();
    for (let size = 1; size < 20; size += 1) appended.push(journal.append(durable(size)));
    letThrough();
    await Promise.all(appended);
    await journal.sync();
    await journal.close();
    expect(sizesOf(await recordsIn())).toEqual(Array.from({ length: 20 }, (_, size) => size));
  });

  test('writes a record whose first write failed before the next one', async () => {
    const { files, letThrough, failNext, writing } = slowFiles();
    const journal = await createJournal(files, folder);
    failNext();
    const failed = expect(journal.append(durable(1))).rejects.toMatchObject({ code: 'ENOSPC' });
    await writing();
    letThrough();
    await failed;
    await journal.append(durable(2));
    await journal.close();
    expect(sizesOf(await recordsIn())).toEqual([1, 2]);
  });
});
