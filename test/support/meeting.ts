import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import type { Call } from '../../contract/call.ts';
import type { Recording } from '../../contract/recording.ts';
import type { Settings } from '../../contract/settings.ts';
import { joinCall, press, startCall, waitForEvent, watchRecordings } from '../../scripts/demo/drive.ts';
import { launchPerson, type Person } from '../../scripts/demo/person.ts';

/** Real apps that meet in one call, and the folder their host records into. */
export type Meeting = {
  folder: string;
  launch(name: string, settings?: Partial<Settings>): Promise<Person>;
  /** Ends every app that was launched and removes all they wrote. */
  end(): Promise<void>;
};

/** Makes a place for a meeting; the apps find each other on loopback only. */
export async function openMeeting(): Promise<Meeting> {
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-meeting-'));
  const people: Person[] = [];
  return {
    folder,
    async launch(name, settings = {}) {
      const person = await launchPerson({
        name,
        settings: { recordingsFolder: folder, format: 'mkv', signalingListenHost: '127.0.0.1', ...settings },
        video: null,
        audio: null,
      });
      people.push(person);
      return person;
    },
    async end() {
      await Promise.all(people.map((person) => person.close({ keepProfile: false })));
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Starts a call at one app and brings the others in, one after the other; answers with the invite link. */
export async function gather(host: Person, guests: readonly Person[]): Promise<string> {
  const link = await startCall(host);
  for (const guest of guests) await joinCall(guest, link);
  return link;
}

/** Presses Record and waits until bytes are on the disk at everybody's lamp. */
export async function record(host: Person, everybody: readonly Person[]): Promise<Recording> {
  await watchRecordings(host.page);
  await press(host.page, 'Record');
  const { event } = await waitForEvent(host.page, 'recordingStarted', 15_000);
  for (const { page } of everybody) await lampOn(page);
  return event.recording;
}

/** Waits until a window's tally light says that bytes reach the disk. */
export async function lampOn(page: Page): Promise<void> {
  await expect(page.locator('[data-record="onDisk"]').first()).toBeVisible({ timeout: 15_000 });
}

/** Waits for the finished recording. */
export async function completed(page: Page): Promise<Recording> {
  return (await waitForEvent(page, 'recordingCompleted', 30_000)).event.recording;
}

/** The call as a window's app knows it now. */
export function currentCall(page: Page): Promise<Call | null> {
  return page.evaluate(async () => {
    const answer = await window.tallylight.request('call.current', {});
    return answer.ok ? answer.value.call : null;
  });
}

/** Waits until the clock of a recording has gone on for some seconds, by the lamp's own time. */
export async function recordedFor(page: Page, seconds: number): Promise<void> {
  const before = (await currentCall(page))?.recording?.elapsedMs ?? 0;
  await expect
    .poll(async () => ((await currentCall(page))?.recording?.elapsedMs ?? 0) - before, {
      timeout: seconds * 1000 + 15_000,
    })
    .toBeGreaterThanOrEqual(seconds * 1000);
}
