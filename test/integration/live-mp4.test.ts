import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportMp4, mp4Expectation } from '../../main/media/export-mp4.ts';
import { createLiveMp4 } from '../../main/media/live-mp4.ts';
import type { LiveMp4, LiveMp4Config } from '../../main/media/live-mp4.ts';
import type { MediaError } from '../../main/media/media-error.ts';
import { nodeMediaFiles } from '../../main/media/media-files.ts';
import { publishResult, temporaryPathFor } from '../../main/media/publish.ts';
import {
  everyFfmpeg,
  isAlive,
  launcher,
  makeFixture,
  makeTestFolder,
  soundShiftsMs,
  writeFakeFfmpeg,
} from '../support/ffmpeg-fixtures.ts';

const ffmpegs = await everyFfmpeg();
const maker = ffmpegs[0]?.path ?? '';
const folder = await makeTestFolder();
const { at, named } = folder;
afterAll(() => folder.remove());

const seconds = 8;
let pieces: Uint8Array[] = [];
beforeAll(async () => {
  await makeFixture(maker, at('mix.mkv'), { seconds, beepLateMs: 30 });
  const bytes = await readFile(at('mix.mkv'));
  // As many pieces as a recorder with a 250 ms timeslice makes.
  const pieceBytes = Math.ceil(bytes.byteLength / (seconds * 4));
  pieces = Array.from({ length: seconds * 4 }, (_value, index) =>
    bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
});

function live(ffmpegPath: string, name: string, more: Partial<LiveMp4Config> = {}): LiveMp4 {
  return createLiveMp4({
    ffmpeg: launcher(ffmpegPath),
    files: nodeMediaFiles,
    outputTempPath: temporaryPathFor(at(name)),
    ...more,
  });
}

describe.each(ffmpegs)('with FFmpeg $version', ({ path: ffmpegPath, version }) => {
  test('the pieces of a recording become an MP4 whose sound lies beside its picture as it did', async () => {
    const name = `${version} live.mp4`;
    const growing = live(ffmpegPath, name);
    expect(isAlive(growing.pid ?? 0)).toBe(true);
    for (const piece of pieces) expect(growing.write(piece)).toBe(true);
    const result = await growing.finish();
    expect(result).toEqual({
      kind: 'closed',
      tempPath: growing.tempPath,
      writtenBytes: pieces.reduce((sum, piece) => sum + piece.byteLength, 0),
    });
    expect(isAlive(growing.pid ?? 0)).toBe(false);
    await publishResult(
      growing.tempPath,
      at(name),
      { ...mp4Expectation(['video', 'audio'], seconds * 1000), toleranceMs: 60 },
      nodeMediaFiles,
    );
    const shifts = await soundShiftsMs(maker, at('mix.mkv'), at(name));
    expect(shifts).toHaveLength(seconds);
    expect(Math.max(...shifts)).toBeLessThanOrEqual(10);
  });

  test('an FFmpeg killed in the middle is given up with its reason and the MP4 is made again later', async () => {
    const name = `${version} killed.mp4`;
    const { promise: abandoned, resolve } = Promise.withResolvers<MediaError>();
    const growing = live(ffmpegPath, name, { onAbandoned: resolve });
    for (const piece of pieces.slice(0, 30)) growing.write(piece);
    await expect.poll(() => nodeMediaFiles.sizeBytes(growing.tempPath), { timeout: 20_000 }).not.toBeNull();
    process.kill(growing.pid ?? 0, 'SIGKILL');
    const reason = await abandoned;
    expect(reason).toMatchObject({ code: 'FFMPEG_FAILED', retryable: true, details: { signal: 'SIGKILL' } });
    expect(pieces.slice(30).map((piece) => growing.write(piece))).not.toContain(true);
    expect(await growing.finish()).toEqual({ kind: 'abandoned', error: reason });
    expect(await named(name)).toEqual([]);

    const rebuilt = await exportMp4({
      ffmpeg: launcher(ffmpegPath),
      files: nodeMediaFiles,
      sources: [{ path: at('mix.mkv'), offsetMs: 0 }],
      outputPath: at(name),
    });
    expect(Math.abs((rebuilt.probe.durationMs ?? 0) - seconds * 1000)).toBeLessThan(60);
  });

  test('a recording that ended before its first byte gives no file', async () => {
    const name = `${version} nothing.mp4`;
    const result = await live(ffmpegPath, name).finish();
    expect(result.kind).toBe('abandoned');
    expect(await named(name)).toEqual([]);
  });

  test('bytes that are no recording give a reason and no file', async () => {
    const name = `${version} garbage.mp4`;
    const growing = live(ffmpegPath, name);
    growing.write(new TextEncoder().encode('not a recording '.repeat(10_000)));
    expect(await growing.finish()).toMatchObject({ kind: 'abandoned', error: { code: 'FFMPEG_FAILED' } });
    expect(await named(name)).toEqual([]);
  });

  test('an abort ends the process and removes the file', async () => {
    const name = `${version} aborted.mp4`;
    let told = 0;
    const growing = live(ffmpegPath, name, { onAbandoned: () => (told += 1) });
    for (const piece of pieces.slice(0, 8)) growing.write(piece);
    await growing.abort();
    expect(isAlive(growing.pid ?? 0)).toBe(false);
    expect(told).toBe(0);
    expect(growing.write(new Uint8Array(1))).toBe(false);
    expect(await growing.finish()).toMatchObject({ kind: 'abandoned', error: { code: 'FFMPEG_ABORTED' } });
    expect(await named(name)).toEqual([]);
  });
});

test('an FFmpeg that reads nothing is given up at the limit, not before, and no write waits for it', async () => {
  const fake = await writeFakeFfmpeg(folder.path, 'reads nothing', 'setInterval(() => {}, 1000);');
  const reasons: MediaError[] = [];
  const growing = live(fake, 'full.mp4', { maxQueuedBytes: 4_000_000, onAbandoned: (error) => reasons.push(error) });
  const megabyte = new Uint8Array(1_000_000);
  const taken: boolean[] = [];
  for (let count = 0; count < 6; count += 1) taken.push(growing.write(megabyte));
  expect(taken.slice(0, 4)).toEqual([true, true, true, true]);
  expect(taken.at(-1)).toBe(false);
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toMatchObject({ code: 'FFMPEG_STALLED', retryable: true });
  expect(await growing.finish()).toEqual({ kind: 'abandoned', error: reasons[0] });
  expect(isAlive(growing.pid ?? 0)).toBe(false);
});

test('an FFmpeg that does not end after the last byte is killed and given up', async () => {
  const fake = await writeFakeFfmpeg(folder.path, 'never ends', 'process.stdin.resume(); setInterval(() => {}, 1000);');
  const growing = live(fake, 'endless.mp4', { closeStallMs: 300 });
  growing.write(new Uint8Array(1000));
  expect(await growing.finish()).toMatchObject({ kind: 'abandoned', error: { code: 'FFMPEG_STALLED' } });
  expect(isAlive(growing.pid ?? 0)).toBe(false);
});

test('a finish that is given up kills FFmpeg', async () => {
  const fake = await writeFakeFfmpeg(folder.path, 'waits', 'process.stdin.resume(); setInterval(() => {}, 1000);');
  const growing = live(fake, 'given up.mp4');
  const result = await growing.finish({ signal: AbortSignal.timeout(50) });
  expect(result).toMatchObject({ kind: 'abandoned', error: { code: 'FFMPEG_ABORTED' } });
  expect(isAlive(growing.pid ?? 0)).toBe(false);
});

test('an FFmpeg that ends by itself while recording goes on is given up even when it calls that success', async () => {
  const fake = await writeFakeFfmpeg(folder.path, 'early', 'process.exit(0)');
  const { promise: abandoned, resolve } = Promise.withResolvers<MediaError>();
  const growing = live(fake, 'early.mp4', { onAbandoned: resolve });
  expect((await abandoned).code).toBe('FFMPEG_FAILED');
  expect(growing.write(new Uint8Array(1))).toBe(false);
});

test('a program that is not there does not disturb the recording', async () => {
  const { promise: abandoned, resolve } = Promise.withResolvers<MediaError>();
  const growing = live(at('no such program'), 'missing.mp4', { onAbandoned: resolve });
  growing.write(new Uint8Array(1000));
  expect((await abandoned).code).toBe('FFMPEG_MISSING');
  expect((await growing.finish()).kind).toBe('abandoned');
});
