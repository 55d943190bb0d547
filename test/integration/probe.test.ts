import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { probeJpeg, probeMedia } from '../../main/media/probe.ts';
import { everyFfmpeg, makeFixture, makeTestFolder } from '../support/ffmpeg-fixtures.ts';

const folder = await makeTestFolder();
const { at } = folder;
afterAll(() => folder.remove());

beforeAll(async () => {
  const maker = (await everyFfmpeg())[0]?.path ?? '';
  await makeFixture(maker, at('av.mkv'), { seconds: 3 });
});

test('a Matroska file is read from its headers', async () => {
  const probe = await probeMedia(at('av.mkv'));
  expect(probe).toMatchObject({
    container: 'matroska',
    tracks: [
      { kind: 'video', codec: 'avc', widthPx: 320, heightPx: 180 },
      { kind: 'audio', codec: 'opus', sampleRateHz: 48_000 },
    ],
    sizeBytes: (await readFile(at('av.mkv'))).byteLength,
  });
  expect(Math.abs((probe.durationMs ?? 0) - 3000)).toBeLessThan(40);
});

test.each([
  ['an empty file', async () => writeFile(at('x'), ''), 'empty'],
  ['a text', async () => writeFile(at('x'), 'hello '.repeat(1000)), 'unreadable'],
  ['a playlist that names other files', async () => writeFile(at('x'), '#EXTM3U\n#EXTINF:1,\nav.mkv\n'), 'unreadable'],
  ['a folder', async () => mkdir(at('x')), 'missing'],
  ['nothing at all', async () => undefined, 'missing'],
])('%s is refused with its reason', async (_name, make, reason) => {
  await rm(at('x'), { recursive: true, force: true });
  await make();
  await expect(probeMedia(at('x'))).rejects.toMatchObject({ code: 'RESULT_INVALID', details: { reason } });
});

test('a Matroska file cut anywhere is either readable or a typed refusal', async () => {
  const bytes = await readFile(at('av.mkv'));
  for (const length of [1, 4, 5, 40, 60, 100, 200, 300, 400, 500, 700, 1000, 5000, bytes.byteLength - 1]) {
    await writeFile(at('cut.mkv'), bytes);
    await truncate(at('cut.mkv'), length);
    const outcome = await probeMedia(at('cut.mkv')).catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'RESULT_INVALID' });
    else expect(outcome).toMatchObject({ container: 'matroska', sizeBytes: length });
  }
});

test('a head with zeros behind it is refused and does not stop the process', async () => {
  const bytes = await readFile(at('av.mkv'));
  bytes.fill(0, bytes.indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75])));
  await writeFile(at('zeros.mkv'), bytes);
  await expect(probeMedia(at('zeros.mkv'))).rejects.toMatchObject({ details: { reason: 'unreadable' } });
});

test('a picture that is too large to be a thumbnail is not even read', async () => {
  await writeFile(at('large.jpg'), '');
  await truncate(at('large.jpg'), 9 * 1024 * 1024);
  await expect(probeJpeg(at('large.jpg'))).rejects.toMatchObject({ details: { reason: 'tooLarge' } });
});
