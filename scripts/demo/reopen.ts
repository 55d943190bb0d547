import { stat } from 'node:fs/promises';
import type { Bridge } from '../../contract/bridge.ts';
import type { Recording } from '../../contract/recording.ts';
import { launchApp, type LaunchedApp } from './app-process.ts';
import { describeRecording, lostOfTracks } from './described.ts';
import type { DemoEvent } from './tour.ts';

type TallylightWindow = { tallylight: Bridge };

/** What the Library was seen to show, and when: milliseconds since the app's process was made. */
export type Listed = { listedMs: number; statuses: { title: string; status: string }[] };

/** What a reopened profile holds once everything is saved. */
export type Reopened = Listed & { recordings: Recording[]; savedMs: number };

/** Opens the Library and waits until it shows every recording that the app knows of. */
async function openLibrary({ app, page }: LaunchedApp): Promise<Listed> {
  const bornAtMs = await app.evaluate(() => process.getCreationTime());
  if (bornAtMs === null) throw new Error('The system does not tell when the app was started.');
  // The page presses its own button and watches its own rows: from outside, each look would cost time of its own.
  const listed = await page.evaluate(async () => {
    const rows = (): Element[] => [...document.querySelectorAll('.recording-row[data-status]')];
    const { promise: shown, resolve: done } = Promise.withResolvers<number>();
    let wanted: number | null = null;
    let pressed = false;
    const look = (): void => {
      const button = [...document.querySelectorAll('button')].find((each) => each.textContent.trim() === 'Library');
      if (!pressed && button !== undefined) {
        pressed = true;
        button.click();
      }
      const isShown = document.documentElement.dataset['screen'] === 'library';
      if (isShown && wanted !== null && rows().length >= wanted) done(Date.now());
    };
    new MutationObserver(look).observe(document.documentElement, { subtree: true, childList: true, attributes: true });
    look();
    const answer = await (window as unknown as TallylightWindow).tallylight.request('recording.list', {});
    if (!answer.ok) throw new Error(answer.error.message);
    wanted = answer.value.recordings.length;
    look();
    const atMs = await shown;
    const statuses = rows().map((row) => ({
      title: row.getAttribute('aria-label') ?? '',
      status: row.getAttribute('data-status') ?? '',
    }));
    return { atMs, statuses };
  });
  return { listedMs: Math.round(listed.atMs - bornAtMs), statuses: listed.statuses };
}

/** Waits until nothing is interrupted or on its way any more. */
function waitUntilSaved({ page }: LaunchedApp): Promise<Recording[]> {
  return page.evaluate(async () => {
    const { tallylight } = window as unknown as TallylightWindow;
    const { promise: saved, resolve: done, reject: fail } = Promise.withResolvers<Recording[]>();
    const look = async (): Promise<void> => {
      const answer = await tallylight.request('recording.list', {});
      if (!answer.ok) {
        fail(new Error(answer.error.message));
        return;
      }
      const { recordings } = answer.value;
      if (recordings.every(({ status }) => status === 'completed' || status === 'failed')) done(recordings);
    };
    const undo = tallylight.on('recording.event', ({ type }) => {
      if (type === 'recordingCompleted' || type === 'recordingFailed') void look();
    });
    // Another app that held the folder may have saved it: then the list has changed without an event of ours.
    const timer = setInterval(() => void look(), 500);
    void look();
    return saved.finally(() => {
      undo();
      clearInterval(timer);
    });
  });
}

/** Starts the app on a profile that was kept and answers when everything in it is saved; the profile stays. */
export async function reopenProfile(profile: string): Promise<Reopened> {
  const info = await stat(profile).catch(() => null);
  if (info === null || !info.isDirectory()) throw new Error(`There is no profile ${profile}`);
  const launched = await launchApp({ profile });
  try {
    const died = launched.ended.then(({ code, signal }): never => {
      throw new Error(`The app was ended from outside (${signal ?? `exit code ${code}`}).`);
    });
    died.catch(() => undefined);
    const read = async (): Promise<Reopened> => {
      const listed = await openLibrary(launched);
      const sinceMs = performance.now();
      const recordings = await waitUntilSaved(launched);
      return { ...listed, recordings, savedMs: listed.listedMs + Math.round(performance.now() - sinceMs) };
    };
    const reading = read();
    reading.catch(() => undefined);
    return await Promise.race([reading, died]);
  } finally {
    await launched.close({ keepProfile: true });
  }
}

/** `npm run demo -- --reopen PROFILE`: tells what the Library holds; answers whether it could be told. */
export async function tellReopened(profile: string, say: (event: DemoEvent) => void): Promise<boolean> {
  try {
    const { listedMs, recordings } = await reopenProfile(profile);
    say({
      event: 'library',
      listedMs,
      recordings: recordings.map((recording) => ({ ...describeRecording(recording), lost: lostOfTracks(recording) })),
    });
    return true;
  } catch (thrown) {
    say({ event: 'failed', error: thrown instanceof Error ? thrown.message : String(thrown) });
    return false;
  }
}
