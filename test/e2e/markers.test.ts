import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import type { Recording } from '../../contract/recording.ts';
import { press, startCall } from '../../scripts/demo/drive.ts';
import type { Person } from '../../scripts/demo/person.ts';
import { chaptersIn } from '../support/media-report.ts';
import { completed, openMeeting, record, recordedFor, type Meeting } from '../support/meeting.ts';

let meeting: Meeting;
let ana: Person;
let recording: Recording;

test.beforeAll(async () => {
  meeting = await openMeeting();
  ana = await meeting.launch('Ana', { format: 'mp4' });
  await startCall(ana);
});

test.afterAll(() => meeting.end());

async function openLibrary(page: Page): Promise<void> {
  await press(page, 'More');
  await page.getByRole('menuitem', { name: 'Library' }).click();
}

/** A recording as main knows it now. */
async function recordingNow(page: Page): Promise<Recording> {
  const answer = await page.evaluate(
    (recordingId) => window.tallylight.request('recording.get', { recordingId }),
    recording.id,
  );
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

const mixOf = ({ folder, deliverables }: Recording): string =>
  join(folder, deliverables.find(({ kind }) => kind === 'mix')?.file ?? 'none');

test('Alt+K drops a marker on the stage, where it is named at once, and on every other screen', async () => {
  const { page } = ana;
  await page.keyboard.press('Alt+k');
  await expect(page.getByRole('form', { name: 'New marker' })).toHaveCount(0);
  recording = await record(ana, [ana]);
  await recordedFor(page, 1);

  await page.keyboard.press('Alt+k');
  const toast = page.getByRole('form', { name: 'New marker' });
  await expect(toast).toContainText(/Marker at 00:0\d/);
  await page.getByLabel('Name of the marker').fill('The question');
  await page.getByLabel('Name of the marker').press('Enter');
  await expect(toast).toHaveCount(0);
  await expect.poll(async () => (await recordingNow(page)).markers.map(({ name }) => name)).toEqual(['The question']);

  await recordedFor(page, 1);
  await openLibrary(page);
  await page.keyboard.press('Alt+k');
  await expect(toast).toBeVisible();
  await page.getByRole('button', { name: 'Back to the call' }).click();
  await recordedFor(page, 1);
  await press(page, 'Add marker');
  await expect.poll(async () => (await recordingNow(page)).markers.length).toBe(3);
  await recordedFor(page, 1);
  await press(page, 'Stop recording');
  recording = await completed(page);
  await expect(page.getByRole('button', { name: 'Add marker' })).toHaveCount(0);
});

test('the MP4 of everybody has them as chapters', async () => {
  const mix = recording.deliverables.find(({ kind }) => kind === 'mix');
  expect(mix?.format).toBe('mp4');
  const offsetMs = mix?.offsetMs ?? 0;
  const names = ['The question', 'Marker 2', 'Marker 3'];
  expect(await chaptersIn(mixOf(recording))).toEqual(
    recording.markers.map(({ atMs }, index) => ({ atMs: atMs - offsetMs, name: names[index] })),
  );
});

test('the Library lists them, a press on one jumps in the player, and a new name reaches the file', async () => {
  const { page } = ana;
  await openLibrary(page);
  const row = page.getByRole('listitem', { name: /Ana/ }).first();
  await expect(row).toContainText('3 markers');
  await row.getByRole('button', { name: /^Play/ }).click();

  const list = page.getByRole('list', { name: 'Markers of this recording' });
  await expect(list.getByRole('listitem')).toHaveCount(3);
  const video = page.locator('video[data-playback]');
  await expect(video).toHaveAttribute('data-playback', /paused|playing/);
  for (const [index, name] of [
    [2, 'Marker 3'],
    [0, 'The question'],
  ] as const) {
    await list.getByRole('button', { name: `Go to ${name}` }).click();
    const mix = recording.deliverables.find(({ kind }) => kind === 'mix');
    const wanted = ((recording.markers[index]?.atMs ?? 0) - (mix?.offsetMs ?? 0)) / 1000;
    await expect.poll(() => video.evaluate((element: HTMLVideoElement) => element.currentTime)).toBeCloseTo(wanted, 1);
  }

  await list.getByRole('button', { name: 'Rename Marker 2' }).click();
  await list.getByLabel('Name of the marker').fill('Agreed');
  await list.getByLabel('Name of the marker').press('Enter');
  await list.getByRole('button', { name: 'Remove Marker 3' }).click();
  await expect(list.getByRole('listitem')).toHaveCount(2);
  await expect
    .poll(async () => (await chaptersIn(mixOf(recording))).map(({ name }) => name))
    .toEqual(['The question', 'Agreed']);
  // The file that is open changed under the player: it plays on all the same.
  const marker = page.getByRole('button', { name: 'Marker: Agreed' });
  await marker.click();
  await video.evaluate((element: HTMLVideoElement) => element.play());
  await expect(video).toHaveAttribute('data-playback', /playing|ended/);
  const { sizeBytes } = (await recordingNow(page)).deliverables.find(({ kind }) => kind === 'mix') ?? {};
  expect(sizeBytes).toBeGreaterThan(0);
});
