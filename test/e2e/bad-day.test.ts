import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { launchApp } from '../../scripts/demo/app-process.ts';
import { press, startCall, waitForEvent } from '../../scripts/demo/drive.ts';
import { chaptersIn } from '../support/media-report.ts';
import { completed, openMeeting, record, recordedFor, type Meeting } from '../support/meeting.ts';

test.skip(process.platform === 'win32', 'A program that fails is a shell script here.');

let meeting: Meeting;

test.beforeEach(async () => {
  meeting = await openMeeting();
});

test.afterEach(() => meeting.end());

async function openLibrary(page: Page): Promise<void> {
  await press(page, 'More');
  await page.getByRole('menuitem', { name: 'Library' }).click();
}

/** An FFmpeg that says what it is when it is asked and then does nothing right. */
async function brokenFfmpeg(): Promise<string> {
  const path = join(meeting.folder, 'broken-ffmpeg');
  const script = '#!/bin/sh\ncase "$*" in *-progress*) exit 1;; *) exec ffmpeg "$@";; esac\n';
  await writeFile(path, script);
  await chmod(path, 0o755);
  return path;
}

test('FFmpeg that fails: the tracks are listed and play, and one button tries again', async () => {
  const ana = await meeting.launch('Ana', { format: 'mp4', ffmpegPath: await brokenFfmpeg() });
  const { page } = ana;
  await startCall(ana);
  await record(ana, [ana]);
  await recordedFor(page, 3);
  await press(page, 'Add marker');
  await press(page, 'Stop recording');
  await expect(waitForEvent(page, 'recordingCompleted', 60_000)).rejects.toThrow('The recording failed');

  await openLibrary(page);
  const row = page.getByRole('listitem', { name: /Ana/ }).first();
  await expect(row.getByRole('button', { name: 'Try again' })).toHaveCount(1);
  await row.getByRole('button', { name: /^Play/ }).click();
  const files = page.getByRole('list', { name: 'Files of this recording' });
  await expect(files.getByRole('listitem')).toHaveCount(2);
  for (const name of [/^Play Ana/, /^Play Everybody together/]) {
    await files.getByRole('button', { name }).click();
    await expect(page.locator('video[data-playback]')).toHaveAttribute('data-playback', /playing|ended/);
  }
  await page.getByRole('button', { name: 'Back', exact: true }).click();

  const mended = await page.evaluate(() => window.tallylight.request('settings.update', { ffmpegPath: '' }));
  expect(mended.ok).toBe(true);
  await page.evaluate(() => {
    const view = window as unknown as { demoEvents: unknown[] };
    view.demoEvents.length = 0;
  });
  await row.getByRole('button', { name: 'Try again' }).click();
  const recording = await completed(page);
  await expect(row).toContainText('Saved');
  await expect(row.getByRole('button', { name: 'Try again' })).toHaveCount(0);
  const mix = recording.deliverables.find(({ kind }) => kind === 'mix');
  expect(mix?.format).toBe('mp4');
  expect((await chaptersIn(join(recording.folder, mix?.file ?? ''))).map(({ name }) => name)).toEqual(['Marker 1']);
});

test('an app that was killed: the next one saves the recording with its markers and says what is missing', async () => {
  const ana = await meeting.launch('Ana', { format: 'mkv' });
  await startCall(ana);
  await record(ana, [ana]);
  await recordedFor(ana.page, 2);
  await ana.page.keyboard.press('Alt+k');
  await ana.page.getByLabel('Name of the marker').fill('Before the end');
  await ana.page.getByLabel('Name of the marker').press('Enter');
  await recordedFor(ana.page, 2);
  process.kill(ana.pid, 'SIGKILL');
  await ana.ended;

  const next = await launchApp({ profile: ana.profile });
  try {
    const { page } = next;
    await page.getByRole('button', { name: 'Library' }).click();
    const row = page.getByRole('listitem', { name: /Ana/ }).first();
    await expect(row).toContainText('Saved', { timeout: 30_000 });
    await expect(row).toContainText('1 marker');
    await expect(row.locator('.aftermath')).toContainText(/missing at the end of|was interrupted/);
    await row.getByRole('button', { name: /^Play/ }).click();
    await expect(page.getByRole('button', { name: /^Go to Before the end/ })).toBeEnabled();
    const answer = await page.evaluate(() => window.tallylight.request('recording.list', {}));
    if (!answer.ok) throw new Error(answer.error.message);
    const [recording] = answer.value.recordings;
    for (const file of recording?.deliverables ?? []) {
      const chapters = await chaptersIn(join(recording?.folder ?? '', file.file));
      expect(
        chapters.map(({ name }) => name),
        file.file,
      ).toEqual(['Before the end']);
    }
  } finally {
    await next.close({ keepProfile: true });
  }
});
