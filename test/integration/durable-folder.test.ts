import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDurableFolder } from '../../main/recording/durable-folder.ts';
import { createLossyDisk } from '../support/lossy-disk.ts';
import { makeHarness, start } from '../support/recorder-harness.ts';

const base = '/in-memory';
/** Everything that could be lost is. */
const unlucky = (): number => 0;

test('a first recording in a folder that was not there survives a power cut right after Record was answered', async () => {
  const disk = createLossyDisk(base);
  const harness = await makeHarness({ folder: base, files: disk.files });
  const { folder } = await start(harness);
  expect([...disk.cut(unlucky).keys()]).toContain(join(folder, 'journal.jsonl'));
});

test('a folder and all that was missing above it keep their names through a power cut', async () => {
  const disk = createLossyDisk(base);
  await disk.files.makeFolder(join(base, 'a', 'b'));
  expect([...disk.cut(unlucky).keys()]).toEqual([]);
  const fresh = createLossyDisk(base);
  await makeDurableFolder(fresh.files, join(base, 'a', 'b'));
  expect([...fresh.cut(unlucky).keys()]).toEqual([join(base, 'a'), join(base, 'a', 'b')]);
});

test('a folder that may be written and not read is no reason not to record', async () => {
  const disk = createLossyDisk(base);
  const files = {
    ...disk.files,
    syncFolder: () => Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' })),
  };
  await expect(makeDurableFolder(files, join(base, 'a'))).resolves.toBeUndefined();
});
