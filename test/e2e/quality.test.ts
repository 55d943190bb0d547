import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { QUALITY_EVERY_MS, type ParticipantQuality } from '../../contract/quality.ts';
import type { SettingsPatch } from '../../contract/settings.ts';
import { press } from '../../scripts/demo/drive.ts';
import { cutConnections, probeConnections, sendLimits, soundBitsPerSecond } from '../support/link-probe.ts';
import { completed, currentCall, gather, openMeeting, record, recordedFor, type Meeting } from '../support/meeting.ts';

let meeting: Meeting;

test.beforeEach(async () => {
  meeting = await openMeeting();
});
test.afterEach(async () => {
  await meeting.end();
});

const change = (page: Page, patch: SettingsPatch) =>
  page.evaluate((settings) => window.tallylight.request('settings.update', settings), patch);

/** Expects every sender of a window to have these limits, and one connection to be there. */
const expectLimits = (page: Page, video: number, audio: number) =>
  expect.poll(() => sendLimits(page), { timeout: 20_000 }).toEqual({ video: [video], audio: [audio] });

/** Expects sound to go out at about a rate, soon: a new connection begins lower, and the machine may be busy for a moment. */
const expectSound = (page: Page, least: number, most: number): Promise<void> =>
  expect(async () => {
    const rate = await soundBitsPerSecond(page, 3);
    expect(rate).toBeGreaterThan(least);
    expect(rate).toBeLessThan(most);
  }).toPass({ timeout: 30_000 });

type Told = { atMs: number; people: ParticipantQuality[] };

/** Notes each word of the quality of the call that reaches a window from now on. */
async function watchQuality(page: Page): Promise<() => Promise<Told[]>> {
  const seen = await page.evaluateHandle(() => {
    const told: Told[] = [];
    window.tallylight.on('call.quality', ({ people }) => told.push({ atMs: performance.now(), people }));
    return told;
  });
  return () => seen.jsonValue();
}

const signal = (page: Page, tile: RegExp) => page.getByRole('listitem', { name: tile }).locator('.signal');

test('every sender keeps to the limits of its app, from the first moment, after a change and after every reconnect', async () => {
  const ana = await meeting.launch('Ana');
  const ben = await meeting.launch('Ben', { videoBitsPerSecond: 900_000, audioBitsPerSecond: 96_000 });
  for (const { page } of [ana, ben]) await probeConnections(page);
  await gather(ana, [ben]);
  await expectLimits(ana.page, 2_000_000, 128_000);
  await expectLimits(ben.page, 900_000, 96_000);
  // Chromium's Opus follows the limit of its sender: no word of it is needed in the session description.
  await expectSound(ana.page, 110_000, 140_000);

  await change(ana.page, { videoBitsPerSecond: 500_000, audioBitsPerSecond: 64_000 });
  await expectLimits(ana.page, 500_000, 64_000);
  await expectLimits(ben.page, 900_000, 96_000);
  await expectSound(ana.page, 50_000, 75_000);

  expect(await cutConnections(ben.page)).toBe(1);
  await expectLimits(ana.page, 500_000, 64_000);
  await expectLimits(ben.page, 900_000, 96_000);

  await press(ana.page, 'Turn camera off');
  await press(ana.page, 'Turn camera on');
  await expectLimits(ana.page, 500_000, 64_000);

  // The window begins anew in the running call, as after a crash of its page; its connections are new ones on both sides.
  await ana.page.reload();
  await ana.page.locator('html[data-screen="stage"]').waitFor();
  await expectLimits(ana.page, 500_000, 64_000);
  await expectLimits(ben.page, 900_000, 96_000);
});

test('how each person arrives stands on the tile, comes every five seconds also to a hidden window, and beside the recording', async () => {
  const ana = await meeting.launch('Ana');
  const ben = await meeting.launch('Ben');
  await gather(ana, [ben]);
  const told = await watchQuality(ana.page);
  const started = await record(ana, [ana, ben]);
  const benId = (await currentCall(ben.page))?.selfId;
  const anaId = (await currentCall(ana.page))?.selfId;

  await expect(signal(ana.page, /^Ben/)).toHaveAccessibleName(/^From Ben: (good|fair: |weak: |poor: )/);
  await expect(signal(ana.page, /^Ana/)).toHaveAccessibleName(/^What you send: /, { timeout: 15_000 });
  await expect(signal(ana.page, /^Ben/)).toHaveAttribute('data-bars', /^[1-4]$/);
  await signal(ana.page, /^Ben/).focus();
  await expect(ana.page.getByRole('tooltip')).toContainText(/^From Ben: /);

  const before = (await told()).length;
  await ana.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
  await expect.poll(async () => (await told()).length, { timeout: 25_000 }).toBeGreaterThanOrEqual(before + 3);
  await ana.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.show());

  const looks = await told();
  const gapsMs = looks.slice(1).map(({ atMs }, index) => atMs - (looks[index]?.atMs ?? 0));
  for (const gapMs of gapsMs) expect(Math.abs(gapMs - QUALITY_EVERY_MS)).toBeLessThan(1_500);
  const last = looks.at(-1)?.people.find(({ participantId }) => participantId === benId);
  expect(last).toMatchObject({ height: 360, width: 640, packetLoss: expect.any(Number), bars: expect.any(Number) });
  expect(last?.receivedBitsPerSecond).toBeGreaterThan(100_000);
  expect(last?.framesPerSecond).toBeGreaterThan(5);
  const own = looks.at(-1)?.people.find(({ participantId }) => participantId === anaId);
  expect(own?.sentBitsPerSecond).toBeGreaterThan(100_000);

  await recordedFor(ana.page, 1);
  await press(ana.page, 'Stop recording');
  const recording = await completed(ana.page);
  const lines = (await readFile(join(started.folder, 'quality.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { atMs: number; people: ParticipantQuality[] });
  expect(lines.length).toBeGreaterThanOrEqual(3);
  expect(lines.map(({ atMs }) => atMs)).toEqual(lines.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
  expect(lines.at(-1)?.atMs).toBeLessThanOrEqual(recording.durationMs);
  for (const { people } of lines) expect(people.map(({ participantId }) => participantId)).toEqual([benId]);

  await press(ben.page, 'Leave');
  await ben.page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
  await expect.poll(async () => (await told()).at(-1)?.people).toEqual([]);
});
