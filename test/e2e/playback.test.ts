import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { deliverableUrl, thumbnailUrl } from '../../contract/media-url.ts';
import type { Recording } from '../../contract/recording.ts';
import { launchApp, type LaunchedApp } from '../../scripts/demo/app-process.ts';
import { capture, Person, statusOf } from '../support/windowless-app.ts';

let root: string;
let recording: Recording;
let running: LaunchedApp;

test.beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tallylight-playback-'));
  const host = await Person.start(root, 'ana');
  await host.ask('settings.update', { format: 'mkv', recordingsFolder: join(root, 'recordings') });
  await host.ask('call.create', { name: 'Ana', title: 'Monday', microphoneOn: true, cameraOn: true });
  const { id } = await host.ask('recording.start', {});
  const close = await capture(host, id, null, [{ lane: 'av', file: 'mix-h264.mkv' }]);
  await host.ask('recording.stop', { recordingId: id });
  await close();
  recording = await statusOf(host, 'completed');
  await host.close();
  running = await launchApp({ profile: join(root, 'ana', 'profile') });
});

test.afterAll(async () => {
  await running.close();
  await rm(root, { recursive: true, force: true });
});

/** Files of the recording that the app holds open (Linux). */
async function openFiles(): Promise<string[]> {
  const folder = `/proc/${running.pid}/fd`;
  const targets = await Promise.all((await readdir(folder)).map((fd) => readlink(join(folder, fd)).catch(() => '')));
  return targets.filter((target) => target.startsWith(join(recording.folder, 'segments')));
}

test('a finished file plays and seeks inside the app, and lets go of its file', async () => {
  const [mix] = recording.deliverables;
  if (mix === undefined) throw new Error('There is no mix.');
  const played = await running.page.evaluate(
    async (source) => {
      const video = document.createElement('video');
      video.muted = true;
      const happened = (name: string) =>
        new Promise<void>((resolve, reject) => {
          video.addEventListener(name, () => resolve(), { once: true });
          video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
        });
      video.src = source;
      await happened('loadeddata');
      const seeked = happened('seeked');
      video.currentTime = 1.5;
      await seeked;
      const moved = happened('timeupdate');
      await video.play();
      await moved;
      const facts = { durationMs: video.duration * 1000, widthPx: video.videoWidth, atMs: video.currentTime * 1000 };
      video.removeAttribute('src');
      video.load();
      return facts;
    },
    deliverableUrl(recording.id, mix.id),
  );
  expect(Math.abs(played.durationMs - mix.durationMs)).toBeLessThan(100);
  expect(played.atMs).toBeGreaterThanOrEqual(1500);
  expect(played.widthPx).toBeGreaterThan(0);
  await expect.poll(openFiles).toEqual([]);
});

test('every thumbnail shows', async () => {
  const widths = await running.page.evaluate(
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
  const [mix] = recording.deliverables;
  if (mix === undefined) throw new Error('There is no mix.');
  const answer = await running.app.evaluate(
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
