import { copyFile, mkdir, readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportMp4 } from '../../main/media/export-mp4.ts';
import type { ExportMp4Request, JoinedFile } from '../../main/media/export-mp4.ts';
import { joinSegments } from '../../main/media/join-segments.ts';
import { nodeMediaFiles } from '../../main/media/media-files.ts';
import { probeMedia } from '../../main/media/probe.ts';
import {
  beepLateness,
  everyFfmpeg,
  launcher,
  makeFixture,
  makeTestFolder,
  measureFlashesAndBeeps,
  soundShiftsMs,
  writeFakeFfmpeg,
} from '../support/ffmpeg-fixtures.ts';

const ffmpegs = await everyFfmpeg();
const maker = ffmpegs[0]?.path ?? '';
const folder = await makeTestFolder();
const { at, named } = folder;
afterAll(() => folder.remove());

beforeAll(async () => {
  await makeFixture(maker, at('av.mkv'), { seconds: 6 });
  await makeFixture(maker, at('late sound.mkv'), { seconds: 6, flashAtMs: 300, beepLateMs: 40 });
  await makeFixture(maker, at('sound from second 6.mkv'), { seconds: 9, soundStartsAtMs: 6000 });
  await makeFixture(maker, at('vp9.webm'), { seconds: 2, video: 'libvpx-vp9' });
  await makeFixture(maker, at('vp8.webm'), { seconds: 2, video: 'libvpx' });
  await makeFixture(maker, at('sound.mkv'), { seconds: 2, video: null });
  await makeFixture(maker, at('picture.mkv'), { seconds: 2, sound: false });
});

function request(ffmpegPath: string, output: string, ...sources: [string, number][]): ExportMp4Request {
  return {
    ffmpeg: launcher(ffmpegPath),
    files: nodeMediaFiles,
    sources: sources.map(([name, offsetMs]) => ({ path: at(name), offsetMs })),
    outputPath: at(output),
  };
}

/** Every flash and beep of the sources lies in the joined file where the offsets put it. */
async function expectLinedUp(made: JoinedFile, sources: [string, number][]): Promise<void> {
  const wanted = { flashesMs: [] as number[], beepsMs: [] as number[] };
  for (const [name, offsetMs] of sources) {
    const source = await measureFlashesAndBeeps(maker, at(name));
    wanted.flashesMs.push(...source.flashesMs.map((ms) => ms + offsetMs - made.offsetMs));
    wanted.beepsMs.push(...source.beepsMs.map((ms) => ms + offsetMs - made.offsetMs));
  }
  const found = await measureFlashesAndBeeps(maker, made.path);
  for (const kind of ['flashesMs', 'beepsMs'] as const) {
    expect(found[kind]).toHaveLength(wanted[kind].length);
    // 7 ms is what Opus keeps before zero.
    for (const [index, ms] of found[kind].entries()) {
      expect(Math.abs(ms - (wanted[kind][index] ?? Infinity))).toBeLessThanOrEqual(10);
    }
  }
}

describe.each(ffmpegs)('with FFmpeg $version', ({ path: ffmpegPath, version }) => {
  const out = (name: string): string => `${version} ${name}`;

  test('an MP4 has the picture as it was, AAC sound, the same length, and tells its progress', async () => {
    const seen: number[] = [];
    const made = await exportMp4({
      ...request(ffmpegPath, out('av.mp4'), ['av.mkv', 1500]),
      onProgress: (fraction) => seen.push(fraction),
    });
    expect(made.probe.container).toBe('mp4');
    expect(made.probe.tracks).toEqual([
      { kind: 'video', codec: 'avc', widthPx: 320, heightPx: 180 },
      { kind: 'audio', codec: 'aac', sampleRateHz: 48_000 },
    ]);
    expect(Math.abs((made.probe.durationMs ?? 0) - 6000)).toBeLessThan(60);
    expect(Math.abs(made.offsetMs - 1500)).toBeLessThan(10);
    expect(seen.at(-1)).toBe(1);
    expect(await named(out('av.mp4'))).toEqual([out('av.mp4')]);
  });

  test.each(['av.mkv', 'late sound.mkv'])(
    'sound lies beside the picture of %s as it did, within 10 ms',
    async (name) => {
      const made = await exportMp4(request(ffmpegPath, out(`sync ${name}.mp4`), [name, 0]));
      const shifts = await soundShiftsMs(maker, at(name), made.path);
      expect(shifts).toHaveLength(6);
      expect(Math.max(...shifts)).toBeLessThanOrEqual(10);
    },
  );

  test('sound that starts six seconds late is padded with silence and stays beside the picture', async () => {
    const made = await exportMp4(request(ffmpegPath, out('late.mp4'), ['sound from second 6.mkv', 0]));
    const { flashesMs, beepsMs } = await measureFlashesAndBeeps(maker, made.path);
    expect(flashesMs).toHaveLength(9);
    expect(beepsMs.length).toBeGreaterThanOrEqual(3);
    const source = beepLateness(await measureFlashesAndBeeps(maker, at('sound from second 6.mkv'))).slice(6);
    for (const [index, lateMs] of beepLateness({ flashesMs, beepsMs }).slice(6).entries()) {
      expect(Math.abs(lateMs - (source[index] ?? Infinity))).toBeLessThanOrEqual(10);
    }
  });

  test('VP9 goes into an MP4 and VP8 is refused with its name, nothing left behind', async () => {
    const made = await exportMp4(request(ffmpegPath, out('vp9.mp4'), ['vp9.webm', 0]));
    expect(made.probe.tracks[0]).toMatchObject({ kind: 'video', codec: 'vp9' });
    await expect(exportMp4(request(ffmpegPath, out('vp8.mp4'), ['vp8.webm', 0]))).rejects.toMatchObject({
      code: 'RESULT_INVALID',
      retryable: false,
      details: { reason: 'codecNotInContainer', codec: 'vp8' },
    });
    expect(await named(out('vp8.mp4'))).toEqual([]);
  });

  test('a track of sound alone and one of picture alone make MP4s of their kind', async () => {
    const sound = await exportMp4(request(ffmpegPath, out('sound.mp4'), ['sound.mkv', 0]));
    expect(sound.probe.tracks.map(({ kind }) => kind)).toEqual(['audio']);
    const picture = await exportMp4(request(ffmpegPath, out('picture.mp4'), ['picture.mkv', 0]));
    expect(picture.probe.tracks.map(({ kind }) => kind)).toEqual(['video']);
  });

  test('segments joined by copy keep the gap between them, thirty seconds too', async () => {
    const made = await joinSegments({
      ...request(ffmpegPath, out('joined.mkv'), ['late sound.mkv', 42_700], ['av.mkv', 2000]),
      container: 'matroska',
    });
    expect(Math.abs((made.probe.durationMs ?? 0) - 46_700)).toBeLessThan(60);
    await expectLinedUp(made, [
      ['av.mkv', 2000],
      ['late sound.mkv', 42_700],
    ]);
  });

  test('an MP4 of two segments fills the gap with silence and stays beside the picture', async () => {
    const made = await exportMp4(request(ffmpegPath, out('two.mp4'), ['av.mkv', 0], ['late sound.mkv', 12_000]));
    expect(Math.abs((made.probe.durationMs ?? 0) - 18_000)).toBeLessThan(80);
    await expectLinedUp(made, [
      ['av.mkv', 0],
      ['late sound.mkv', 12_000],
    ]);
  });

  test('a join of WebM segments is WebM', async () => {
    const made = await joinSegments({
      ...request(ffmpegPath, out('joined.webm'), ['vp8.webm', 0], ['vp8.webm', 3000]),
      container: 'webm',
    });
    expect((await readFile(made.path)).subarray(0, 64).includes('webm')).toBe(true);
    expect(Math.abs((made.probe.durationMs ?? 0) - 5000)).toBeLessThan(60);
  });

  test('a damaged file that calls itself Matroska is refused and leaves nothing', async () => {
    const cases: [string, string | Uint8Array][] = [
      ['text.mkv', '#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n'],
      ['zero.mkv', ''],
      ['noise.mkv', new Uint8Array(5000).map((_value, index) => (index * 131) & 255)],
      ['head only.mkv', (await readFile(at('av.mkv'))).subarray(0, 200)],
    ];
    for (const [name, bytes] of cases) {
      await writeFile(at(name), bytes);
      await expect(exportMp4(request(ffmpegPath, out(`${name}.mp4`), [name, 0]))).rejects.toMatchObject({
        name: 'MediaError',
      });
      expect(await named(out(`${name}.mp4`))).toEqual([]);
    }
  });

  test('a file that lost its second half is not published as if it were whole', async () => {
    await copyFile(at('av.mkv'), at('cut.mkv'));
    const { sizeBytes } = await probeMedia(at('av.mkv'));
    await truncate(at('cut.mkv'), Math.floor(sizeBytes / 2));
    await expect(exportMp4(request(ffmpegPath, out('cut.mp4'), ['cut.mkv', 0]))).rejects.toMatchObject({
      code: 'RESULT_INVALID',
    });
    expect(await named(out('cut.mp4'))).toEqual([]);
  });

  test('an abort in the middle leaves nothing', async () => {
    const controller = new AbortController();
    const running = exportMp4({
      ...request(ffmpegPath, out('aborted.mp4'), ['av.mkv', 0]),
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(running).rejects.toMatchObject({ code: 'FFMPEG_ABORTED' });
    expect(await named(out('aborted.mp4'))).toEqual([]);
  });
});

test('an MP4 made before is replaced only by one that is good', async () => {
  await mkdir(at('kept'));
  await writeFile(at('kept/a.mp4'), 'the one before');
  const fake = await writeFakeFfmpeg(
    folder.path,
    'writes garbage',
    `require('node:fs').writeFileSync(process.argv.at(-1).slice('file:'.length), 'garbage')`,
  );
  await expect(exportMp4(request(fake, 'kept/a.mp4', ['av.mkv', 0]))).rejects.toMatchObject({ code: 'RESULT_INVALID' });
  expect(await readFile(at('kept/a.mp4'), 'utf8')).toBe('the one before');
  expect(await readdir(at('kept'))).toEqual(['a.mp4']);
});

test('a program that ends well without a result is not believed', async () => {
  const fake = await writeFakeFfmpeg(folder.path, 'does nothing', 'process.exit(0)');
  await expect(exportMp4(request(fake, 'nothing.mp4', ['av.mkv', 0]))).rejects.toMatchObject({
    code: 'RESULT_INVALID',
  });
  expect(await named('nothing.mp4')).toEqual([]);
});

test('a disk that cannot keep the result is a typed error that may be tried again', async () => {
  const failing = {
    ...request(maker, 'full.mp4', ['av.mkv', 0]),
    files: { ...nodeMediaFiles, syncFile: () => Promise.reject(new Error('ENOSPC: no space left on device')) },
  };
  await expect(exportMp4(failing)).rejects.toMatchObject({
    code: 'RESULT_INVALID',
    retryable: true,
    details: { reason: 'disk' },
  });
  expect(await named('full.mp4')).not.toContain('full.mp4');
});
