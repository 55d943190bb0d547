import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeFiles } from '../../main/recording/node-files.ts';
import { createScanInWorker } from '../../main/recording/scan-in-worker.ts';
import { finishByScan } from '../../main/recording/segment-finish.ts';
import { writeSegment } from '../support/lanes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallylight-scan-'));
});
afterEach(() => rm(folder, { recursive: true }));

const { unfinished } = writeSegment('webm', [
  { lane: 'audio', name: 'audio-opus.webm', offsetMs: 0, startMs: 0 },
  { lane: 'video', name: 'video-vp8.webm', offsetMs: 0, startMs: 0 },
]);

async function write(name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, unfinished.subarray(0, unfinished.length - 700));
  return path;
}

test('a thread of its own finishes a file as this one does, and several at once', async () => {
  const expected = await write('here.webm');
  const facts = await finishByScan(nodeFiles, expected);
  expect(facts.kind).toBe('finished');
  const scan = createScanInWorker({ onFallback: (error) => expect.unreachable(String(error)) });
  const paths = await Promise.all(['a.webm', 'b.webm', 'c.webm'].map(write));
  expect(await Promise.all(paths.map(scan))).toEqual([facts, facts, facts]);
  for (const path of paths) expect((await readFile(path)).equals(await readFile(expected))).toBe(true);
});

test('what the disk refuses is told with its code, and the next file is scanned all the same', async () => {
  const scan = createScanInWorker();
  await expect(scan(join(folder, 'nothing.webm'))).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await scan(await write('a.webm'))).toMatchObject({ kind: 'finished' });
});

test.each(['process.exit(3);', 'throw new Error("no");', 'this is no script'])(
  'where the thread cannot be had (%s) the file is scanned here',
  async (script) => {
    const path = join(folder, 'broken.mjs');
    await writeFile(path, script);
    const errors: unknown[] = [];
    const scan = createScanInWorker({ script: pathToFileURL(path), onFallback: (error) => errors.push(error) });
    expect(await scan(await write('a.webm'))).toMatchObject({ kind: 'finished' });
    expect(errors).toHaveLength(1);
  },
);
