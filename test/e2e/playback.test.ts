import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { deliverableUrl, thumbnailUrl } from '../../contract/media-url.ts';
import type { FileFormat, Recording } from '../../contract/recording.ts';
import { press, startCall } from '../../scripts/demo/drive.ts';
import type { Person } from '../../scripts/demo/person.ts';
import { completed, openMeeting, record, recordedFor, type Meeting } from '../support/meeting.ts';

const FORMATS: readonly FileFormat[] = ['mkv', 'webm', 'mp4'];

let meeting: Meeting;
let ana: Person;
const recordings = new Map<FileFormat, Recording>();

test.beforeAll(async () => {
  meeting = await openMeeting();
  ana = await meeting.launch('Ana');
  await startCall(ana);
  for (const format of FORMATS) {
    const changed = await ana.page.evaluate(
      (to) => window.tallylight.request('settings.update', { format: to }),
      format,
    );
    expect(changed.ok).toBe(true);
    await record(ana, [ana]);
    await recordedFor(ana.page, 4);
    await press(ana.page, 'Stop recording');
    recordings.set(format, await completed(ana.page));
  }
});

test.afterAll(() => meeting.end());

function recordingIn(format: FileFormat): Recording {
  const recording = recordings.get(format);
  if (recording === undefined) throw new Error(`Nothing was recorded as ${format}.`);
  return recording;
}

/** Files of a recording that the app holds open (Linux). */
async function openFiles(recording: Recording): Promise<string[]> {
  const folder = `/proc/${ana.pid}/fd`;
  const targets = await Promise.all((await readdir(folder)).map((fd) => readlink(join(folder, fd)).catch(() => '')));
  return targets.filter((target) => target.startsWith(recording.folder) && !target.endsWith('journal.jsonl'));
}

/** Plays a file in the window from some second on, as the library does. */
function playFrom(source: string, seconds: number) {
  return ana.page.evaluate(
    async ({ from, toSeconds }) => {
      const video = document.createElement('video');
      video.muted = true;
      const happened = (name: string) =>
        new Promise<void>((resolve, reject) => {
          video.addEventListener(name, () => resolve(), { once: true });
          video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
        });
      video.src = from;
      await happened('loadeddata');
      const seeked = happened('seeked');
      video.currentTime = toSeconds;
      await seeked;
      const moved = happened('timeupdate');
      await video.play();
      await moved;
      const facts = { durationMs: video.duration * 1000, widthPx: video.videoWidth, atMs: video.currentTime * 1000 };
      video.removeAttribute('src');
      video.load();
      return facts;
    },
    { from: source, toSeconds: seconds },
  );
}

for (const format of FORMATS) {
  test(`the ${format} files of a recording play and seek inside the app, which lets go of them afterwards`, async () => {
    const recording = recordingIn(format);
    const mix = recording.deliverables.find(({ kind }) => kind === 'mix');
    expect(mix?.format).toBe(format);
    expect(recording.deliverables.length).toBeGreaterThanOrEqual(2);
    for (const each of recording.deliverables) {
      const played = await playFrom(deliverableUrl(recording.id, each.id), 2.5);
      expect(each.durationMs, each.file).toBeGreaterThan(3_500);
      expect(Math.abs(played.durationMs - each.durationMs), each.file).toBeLessThan(100);
      expect(played.atMs, each.file).toBeGreaterThanOrEqual(2_500);
      expect(played.atMs, each.file).toBeLessThan(each.durationMs);
      expect(played.widthPx, each.file).toBeGreaterThan(0);
    }
    await expect.poll(() => openFiles(recording)).toEqual([]);
  });
}

test('every thumbnail shows', async () => {
  const recording = recordingIn('mkv');
  const widths = await ana.page.evaluate(
    (sources) =>
      Promise.all(
        sources.map(async (source) => {
          const image = new Image();
          image.src = source;
          await image.decode();
          return image.naturalWidth;
        }),
      ),
    recording.thumbnails.map((_, index) => thumbnailUrl(recording.id, index)),
  );
  expect(widths).toEqual([640, 640, 640, 640, 640]);
});

test('a range of a file comes as that range', async () => {
  const recording = recordingIn('mkv');
  const [mix] = recording.deliverables;
  if (mix === undefined) throw new Error('There is no mix.');
  const answer = await ana.app.evaluate(
    async ({ net }, url) => {
      const response = await net.fetch(url, { headers: { range: 'bytes=0-3' } });
      return {
        status: response.status,
        range: response.headers.get('content-range'),
        length: response.headers.get('content-length'),
        bytes: [...new Uint8Array(await response.arrayBuffer())],
      };
    },
    deliverableUrl(recording.id, mix.id),
  );
  // An EBML header (RFC 8794) begins every Matroska file.
  expect(answer).toEqual({
    status: 206,
    range: `bytes 0-3/${mix.sizeBytes}`,
    length: '4',
    bytes: [0x1a, 0x45, 0xdf, 0xa3],
  });
});
