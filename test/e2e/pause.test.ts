import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import type { Recording, RecordingEvent } from '../../contract/recording.ts';
import { press, watchRecordings } from '../../scripts/demo/drive.ts';
import { faultsOf } from '../../scripts/demo/tour.ts';
import { decodeComplaints, largestGap, packetTimes } from '../support/av-measure.ts';
import { completed, currentCall, gather, lampOn, openMeeting, record, recordedFor } from '../support/meeting.ts';
import type { Meeting } from '../support/meeting.ts';

const RECORDED_S = 4;
const PAUSE_MS = 4_000;

let meeting: Meeting;

test.beforeEach(async () => {
  meeting = await openMeeting();
});
test.afterEach(async () => {
  await meeting.end();
});

const lamp = (page: Page, state: string) => page.locator(`[data-record="${state}"]`).first();

/** Notes every kind that the lamp of a window shows from now on. */
async function watchLamp(page: Page): Promise<() => Promise<string[]>> {
  const seen = await page.evaluateHandle(() => {
    const kinds: string[] = [];
    const note = (): void => {
      const kind = document.querySelector('[data-record]')?.getAttribute('data-record') ?? 'none';
      if (kinds.at(-1) !== kind) kinds.push(kind);
    };
    note();
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
    return kinds;
  });
  return () => seen.jsonValue();
}

/** The time on a window's lamp. */
const shownTime = (page: Page) => page.locator('.record-time').first().innerText();

/** When the window heard of the beginning, the pause, its end and the end, by its own clock. */
function momentsOf(page: Page): Promise<number[]> {
  return page.evaluate(
    (types) => {
      const { demoEvents } = window as unknown as { demoEvents: { event: { type: string }; atMs: number }[] };
      return types.map((type) => demoEvents.find(({ event }) => event.type === type)?.atMs ?? Number.NaN);
    },
    ['recordingStarted', 'recordingPaused', 'recordingResumed', 'recordingStopping'],
  );
}

/** What was told of the making of the mix. */
function mixingSteps(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const { demoEvents } = window as unknown as { demoEvents: { event: RecordingEvent }[] };
    return demoEvents.flatMap(({ event }) =>
      event.type === 'recordingProgress' && event.recording.progress?.stage === 'mixing'
        ? [event.recording.progress.fraction]
        : [],
    );
  });
}

/** A recording as main knows it now. */
async function recordingNow(page: Page, recordingId: Recording['id']): Promise<Recording> {
  const answer = await page.evaluate(
    (id) => window.tallylight.request('recording.get', { recordingId: id }),
    recordingId,
  );
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

/** Waits until the wall's clock has gone on: a pause is time in which nothing happens. */
async function wallTime(page: Page, forMs: number): Promise<void> {
  await page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), forMs);
}

test('the host pauses and goes on: everybody sees it, and the files hold what was recorded and no more', async () => {
  const ana = await meeting.launch('Ana', { format: 'mp4' });
  const ben = await meeting.launch('Ben');
  await gather(ana, [ben]);
  await expect(ben.page.getByRole('button', { name: 'Pause recording' })).toHaveCount(0);
  await record(ana, [ana, ben]);
  const lamps = { ana: await watchLamp(ana.page), ben: await watchLamp(ben.page) };
  await recordedFor(ana.page, RECORDED_S);

  await press(ana.page, 'Pause recording');
  for (const { page } of [ana, ben]) {
    await expect(lamp(page, 'paused')).toBeVisible();
    await expect(page.getByRole('status', { name: 'Recording notice' })).toContainText('Recording is paused.');
  }
  await expect(ben.page.getByText('Paused by Ana', { exact: true })).toBeVisible();
  await expect(ana.page.getByRole('button', { name: 'Resume recording' })).toBeVisible();
  // The last chunks are on their way for a moment: then the time stands.
  await wallTime(ana.page, 1_000);
  const frozen = await currentCall(ana.page);
  const times = { ana: await shownTime(ana.page), ben: await shownTime(ben.page) };
  await wallTime(ana.page, PAUSE_MS - 1_000);
  expect((await currentCall(ana.page))?.recording).toMatchObject({
    state: 'paused',
    elapsedMs: frozen?.recording?.elapsedMs,
  });
  expect({ ana: await shownTime(ana.page), ben: await shownTime(ben.page) }).toEqual(times);

  await press(ana.page, 'Resume recording');
  for (const { page } of [ana, ben]) {
    await lampOn(page);
    await expect(page.getByRole('status', { name: 'Recording notice' })).toContainText('Recording goes on.');
  }
  await recordedFor(ana.page, RECORDED_S);
  await press(ana.page, 'Stop recording');
  const recording = await completed(ana.page);

  expect(await lamps.ana()).not.toContain('degraded');
  expect(await lamps.ben()).not.toContain('degraded');
  expect(await lamps.ben()).toEqual(expect.arrayContaining(['onDisk', 'paused', 'starting']));

  expect(await faultsOf(recording, 2)).toEqual([]);
  // Closed, not made: an export from the segments would tell how far it is.
  expect(await mixingSteps(ana.page)).toEqual([0]);
  const [started = 0, paused = 0, resumed = 0, stopping = 0] = await momentsOf(ana.page);
  expect(resumed - paused).toBeGreaterThan(PAUSE_MS);
  const aboutMs = paused - started + stopping - resumed;
  expect(aboutMs).toBeGreaterThan(2 * RECORDED_S * 1000);
  expect(Math.abs(recording.durationMs - aboutMs)).toBeLessThan(700);
  const resumedAtMs = frozen?.recording?.elapsedMs ?? 0;
  for (const track of recording.tracks) {
    expect(
      track.segments.map(({ endReason }) => endReason),
      track.participantName,
    ).toContain('paused');
    const next = track.segments.find(
      ({ index }) => index > (track.segments.find((s) => s.endReason === 'paused')?.index ?? 0),
    );
    // The second run begins where the clock stood.
    expect(next?.offsetMs ?? 0).toBeGreaterThanOrEqual(resumedAtMs);
    expect(next?.offsetMs ?? Infinity).toBeLessThan(resumedAtMs + 1_000);
    expect(track.lost.totalMs).toBe(0);
  }
  for (const each of recording.deliverables) {
    const path = join(recording.folder, each.file);
    expect(Math.abs(each.offsetMs + each.durationMs - aboutMs), each.file).toBeLessThan(700);
    expect(await decodeComplaints(path), each.file).toBe('');
    // The pause itself is in no file: at the seam lies the start of the recorders, no more.
    expect(largestGap(await packetTimes(path, 'v')), each.file).toBeLessThan(1_000);
  }
});

test('a window that loads anew during a pause records nothing until Resume, and Stop right after Pause saves everything', async () => {
  const ana = await meeting.launch('Ana');
  const ben = await meeting.launch('Ben');
  await gather(ana, [ben]);
  const { id } = await record(ana, [ana, ben]);
  await recordedFor(ana.page, 2);
  await ana.page.getByRole('button', { name: 'Pause recording' }).dblclick();
  await expect(ana.page.getByRole('button', { name: 'Resume recording' })).toBeVisible();
  const segmentCounts = async () => (await recordingNow(ana.page, id)).tracks.map(({ segments }) => segments.length);
  await expect
    .poll(async () => (await recordingNow(ana.page, id)).tracks.every(({ segments }) => segments[0]?.finished))
    .toBe(true);
  const before = await segmentCounts();

  await ana.page.reload();
  await expect(lamp(ana.page, 'paused')).toBeVisible();
  await expect(ana.page.getByRole('listitem', { name: /^Ben/ })).toBeVisible();
  await wallTime(ana.page, 2_000);
  expect(await segmentCounts()).toEqual(before);

  await watchRecordings(ana.page);
  await press(ana.page, 'Resume recording');
  for (const { page } of [ana, ben]) await lampOn(page);
  await recordedFor(ana.page, 2);
  await press(ana.page, 'Pause recording');
  await press(ana.page, 'Stop recording');
  const recording = await completed(ana.page);
  expect(await faultsOf(recording, 2)).toEqual([]);
  for (const track of recording.tracks) {
    expect(track.segments.length, track.participantName).toBeGreaterThan(1);
    expect(track.lost.totalMs).toBe(0);
  }
  for (const each of recording.deliverables) {
    expect(Math.abs(each.offsetMs + each.durationMs - recording.durationMs), each.file).toBeLessThan(700);
  }
});
