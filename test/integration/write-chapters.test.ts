import { execFile } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Chapter } from '../../main/media/chapters/chapter-list.ts';
import { writeChapters } from '../../main/media/chapters/write-chapters.ts';
import { exportMp4 } from '../../main/media/export-mp4.ts';
import { joinSegments } from '../../main/media/join-segments.ts';
import { nodeMediaFiles } from '../../main/media/media-files.ts';
import { probeMedia } from '../../main/media/probe.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import { finishByScan } from '../../main/recording/segment-finish.ts';
import { failingFiles } from '../support/failing-files.ts';
import { everyFfmpeg, launcher, makeTestFolder } from '../support/ffmpeg-fixtures.ts';
import { writeSegment } from '../support/lanes.ts';

const run = promisify(execFile);
const ffmpegs = await everyFfmpeg();
const folder = await makeTestFolder();
const at = (name: string): string => join(folder.path, name);
afterAll(() => folder.remove());

const DURATION_MS = 4000;
const names: string[] = ['ours.mkv', 'ours.webm'];
const four: Chapter[] = [
  { atMs: 0, name: 'Welcome' },
  { atMs: 1250, name: 'Frage: größer als 🎬?' },
  { atMs: 1250, name: 'At the same time' },
  { atMs: 2000, name: '' },
];
const renamed: Chapter[] = [{ atMs: 500, name: 'Only one' }];

beforeAll(async () => {
  const person = writeSegment('matroska', [
    { lane: 'audio', name: 'audio-opus.webm', offsetMs: 0, startMs: 0 },
    { lane: 'video', name: 'video-h264.mkv', offsetMs: 1500, startMs: 1500 },
  ]);
  const mix = writeSegment('webm', [{ lane: 'av', name: 'mix-vp8.webm', offsetMs: 0, startMs: 0 }]);
  await writeFile(at('ours.mkv'), person.finished);
  await writeFile(at('ours.webm'), mix.finished);
  for (const [index, { path }] of ffmpegs.entries()) {
    const shared = { ffmpeg: launcher(path), files: nodeMediaFiles };
    const twice = (name: string): { path: string; offsetMs: number }[] => [
      { path: at(name), offsetMs: 0 },
      { path: at(name), offsetMs: 6000 },
    ];
    await exportMp4({ ...shared, sources: [{ path: at('ours.mkv'), offsetMs: 0 }], outputPath: at(`${index}.mp4`) });
    await joinSegments({
      ...shared,
      sources: twice('ours.mkv'),
      container: 'matroska',
      outputPath: at(`${index}.mkv`),
    });
    await joinSegments({ ...shared, sources: twice('ours.webm'), container: 'webm', outputPath: at(`${index}.webm`) });
    names.push(`${index}.mp4`, `${index}.mkv`, `${index}.webm`);
  }
});

async function copyOf(name: string): Promise<string> {
  const path = at(`copy ${name}`);
  await copyFile(at(name), path);
  return path;
}

async function shownChapters(path: string): Promise<Chapter[]> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_chapters', '-of', 'json', `file:${path}`]);
  const { chapters } = JSON.parse(stdout) as { chapters: { start_time: string; tags?: { title?: string } }[] };
  return chapters.map((chapter) => ({
    atMs: Math.round(Number(chapter.start_time) * 1000),
    name: chapter.tags?.title ?? '',
  }));
}

/** What must not change: facts, time and checksum of every frame (decoded or as it is), and that there is nothing to complain of. */
async function mediaOf(path: string, frames: 'decoded' | 'asTheyAre' = 'decoded'): Promise<unknown> {
  const { sizeBytes, ...facts } = await probeMedia(path);
  expect(sizeBytes).toBeGreaterThan(0);
  const how = frames === 'decoded' ? ['-enc_time_base', '-1'] : ['-c', 'copy'];
  const read = await run('ffmpeg', ['-v', 'error', '-i', `file:${path}`, '-map', '0', ...how, '-f', 'framecrc', '-'], {
    maxBuffer: 64 * 1024 * 1024,
  });
  // Half of a Chapters element behind the segment's end is the one thing that FFmpeg has a word about, after the last frame.
  expect(read.stderr.replace(/^Truncating packet of size \d+ to \d+\n/, '')).toBe('');
  expect(read.stdout.length).toBeGreaterThan(1000);
  return { facts, frames: read.stdout };
}

describe('chapters in real files', () => {
  test('are shown by ffprobe, can be renamed and taken out, and leave the media as it was', async () => {
    for (const name of names) {
      const path = await copyOf(name);
      const before = await mediaOf(path);
      for (const chapters of [four, renamed, four]) {
        const { sizeBytes } = await writeChapters(nodeFiles, path, chapters, DURATION_MS);
        expect((await probeMedia(path)).sizeBytes).toBe(sizeBytes);
        expect(await shownChapters(path), name).toEqual(chapters);
      }
      expect(await mediaOf(path)).toEqual(before);
      await writeChapters(nodeFiles, path, [], DURATION_MS);
      expect((await readFile(path)).equals(await readFile(at(name))), name).toBe(true);
    }
  });

  test('255 chapters with the longest names are all shown', async () => {
    const many = Array.from({ length: 255 }, (_, index) => ({ atMs: index * 10, name: `${index} ${'x'.repeat(190)}` }));
    for (const name of names) {
      const path = await copyOf(name);
      await writeChapters(nodeFiles, path, [...many, { atMs: 3999, name: 'one too many' }], DURATION_MS);
      expect(await shownChapters(path), name).toEqual(many);
    }
  });

  test('written a second time, the file is only read', async () => {
    for (const name of names) {
      const path = await copyOf(name);
      const first = await writeChapters(nodeFiles, path, four, DURATION_MS);
      const changes: string[] = [];
      const watched = failingFiles(({ kind }) => {
        if (kind !== 'open') changes.push(kind);
        return null;
      });
      expect(await writeChapters(watched, path, four, DURATION_MS)).toEqual(first);
      expect(changes, name).toEqual([]);
    }
  });

  test('stopped at any operation, the file plays as before, and doing it again ends in the same bytes', async () => {
    for (const name of ['ours.mkv', '0.mkv', '0.mp4']) {
      const media = await mediaOf(at(name), 'asTheyAre');
      for (const [from, to] of [
        [[], four],
        [four, renamed],
        [renamed, []],
      ] as const) {
        const wantedPath = await copyOf(name);
        await writeChapters(nodeFiles, wantedPath, from, DURATION_MS);
        await writeChapters(nodeFiles, wantedPath, to, DURATION_MS);
        const wanted = await readFile(wantedPath);
        let stops = 0;
        for (let isDone = false; !isDone; stops += 1) {
          const path = await copyOf(name);
          await writeChapters(nodeFiles, path, from, DURATION_MS);
          let operations = 0;
          // A write that is refused leaves half of its bytes.
          const dying = failingFiles(({ kind }) => (kind !== 'open' && operations++ >= stops ? 'EIO' : null));
          isDone = await writeChapters(dying, path, to, DURATION_MS).then(
            () => true,
            () => false,
          );
          expect(await mediaOf(path, 'asTheyAre'), `${name} after ${stops} operations`).toEqual(media);
          await writeChapters(nodeFiles, path, to, DURATION_MS);
          expect((await readFile(path)).equals(wanted), `${name} after ${stops} operations`).toBe(true);
        }
        expect(stops).toBeGreaterThan(2);
      }
    }
  }, 120_000);

  test('stay when a recovery looks at the segment again, with the same facts', async () => {
    for (const name of ['ours.mkv', 'ours.webm']) {
      const path = await copyOf(name);
      const before = await finishByScan(nodeFiles, path);
      const { sizeBytes } = await writeChapters(nodeFiles, path, four, DURATION_MS);
      const bytes = await readFile(path);
      expect(await finishByScan(nodeFiles, path)).toEqual({ ...before, sizeBytes });
      expect((await readFile(path)).equals(bytes)).toBe(true);
    }
  });

  test('do not come along into a file that is made from one that has them', async () => {
    const path = await copyOf('ours.mkv');
    await writeChapters(nodeFiles, path, four, DURATION_MS);
    for (const { path: ffmpegPath } of ffmpegs) {
      const outputPath = at('made.mp4');
      const sources = [{ path, offsetMs: 0 }];
      await exportMp4({ ffmpeg: launcher(ffmpegPath), files: nodeMediaFiles, sources, outputPath });
      expect(await shownChapters(outputPath)).toEqual([]);
      const { stdout } = await run('ffprobe', [
        '-v',
        'error',
        '-show_entries',
        'stream=codec_type',
        `file:${outputPath}`,
      ]);
      expect(stdout.match(/codec_type=\w+/g)).toHaveLength(2);
    }
  });

  test('a file that is something else is refused and stays as it was', async () => {
    const path = at('notes.txt');
    await writeFile(path, 'no media at all, and never was');
    await expect(writeChapters(nodeFiles, path, four, DURATION_MS)).rejects.toMatchObject({ code: 'RESULT_INVALID' });
    expect(await readFile(path, 'utf8')).toBe('no media at all, and never was');
  });
});
