import type { Page } from 'playwright';
import type { RecordingEvent } from '../../contract/recording.ts';
import type { Bridge } from '../../contract/bridge.ts';
import type { Person } from './person.ts';

/** A window as its page script sees it; only these parts are used from outside. */
type TallylightWindow = { tallylight: Bridge; demoEvents: { event: RecordingEvent; atMs: number }[] };

export type SeenEvent = { event: RecordingEvent; atMs: number };

const STAGE_TIMEOUT_MS = 20_000;

/** Starts a call through the lobby and gives back the invite link that the stage's button copies. */
export async function startCall(host: Person): Promise<string> {
  await host.page.getByRole('button', { name: 'Start a call' }).click();
  await onStage(host.page);
  await wake(host.page);
  await host.page.getByRole('toolbar').getByRole('button', { name: 'Copy invite link' }).click();
  const link = await host.app.evaluate(({ clipboard }) => clipboard.readText());
  if (!link.startsWith('tallylight://join/'))
    throw new Error(`The invite button copied something else: ${link.slice(0, 80)}`);
  return link;
}

/** Joins a call through the lobby and answers how long it took until a remote picture was drawn, milliseconds. */
export async function joinCall(guest: Person, link: string): Promise<number> {
  await enterCall(guest, link);
  const html = guest.page.locator('html[data-join-ms]');
  await html.waitFor({ timeout: STAGE_TIMEOUT_MS });
  return Number(await html.getAttribute('data-join-ms'));
}

/** Joins a call through the lobby, whether or not anybody there sends a picture. */
export async function enterCall(guest: Person, link: string): Promise<void> {
  await guest.page.getByLabel('Invite link').fill(link);
  await guest.page.getByRole('button', { name: 'Join', exact: true }).click();
  await onStage(guest.page);
}

async function onStage(page: Page): Promise<void> {
  await page.locator('html[data-screen="stage"]').waitFor({ timeout: STAGE_TIMEOUT_MS });
}

/** Notes every recording event that reaches the window from now on, with the window's own clock. */
export async function watchRecordings(page: Page): Promise<void> {
  await page.evaluate(() => {
    const view = window as unknown as TallylightWindow;
    view.demoEvents = [];
    view.tallylight.on('recording.event', (event) => view.demoEvents.push({ event, atMs: performance.now() }));
  });
}

/** Waits for the first noted event of a type; a recordingFailed in between ends the wait with its reason. */
export async function waitForEvent<T extends RecordingEvent['type']>(
  page: Page,
  type: T,
  timeoutMs: number,
): Promise<{ event: Extract<RecordingEvent, { type: T }>; atMs: number }> {
  const handle = await page.waitForFunction(
    (wanted) => {
      const view = window as unknown as TallylightWindow;
      return view.demoEvents.find(({ event }) => event.type === wanted || event.type === 'recordingFailed') ?? false;
    },
    type,
    { timeout: timeoutMs, polling: 50 },
  );
  const seen = (await handle.jsonValue()) as SeenEvent;
  if (seen.event.type !== type) {
    const reason = seen.event.type === 'recordingFailed' ? seen.event.recording.error?.message : undefined;
    throw new Error(`The recording failed: ${reason ?? 'no reason given'}`);
  }
  return seen as { event: Extract<RecordingEvent, { type: T }>; atMs: number };
}

/** Waits until the tally light of a window says that bytes are on the disk. */
export async function waitForTally(page: Page): Promise<void> {
  await page.locator('[data-record="onDisk"]').first().waitFor({ timeout: STAGE_TIMEOUT_MS });
}

/** Moves the pointer, as a hand would: the stage's bar hides from one that rests. */
async function wake(page: Page): Promise<void> {
  await page.mouse.move(400, 300);
  await page.mouse.move(420, 320);
}

/** Presses a button of the stage and answers the window's clock at that moment, milliseconds. */
export async function press(page: Page, name: string | RegExp): Promise<number> {
  await wake(page);
  const atMs = await page.evaluate(() => performance.now());
  await page.getByRole('button', { name }).first().click();
  return atMs;
}
