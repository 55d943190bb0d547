import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright';
import type { Bridge } from '../../contract/bridge.ts';
import { enterCall, press, startCall, waitForEvent, waitForTally, watchRecordings } from '../../scripts/demo/drive.ts';
import { launchPerson, type Person } from '../../scripts/demo/person.ts';
import { LOOKS, writeCamera, writeMicrophone } from '../support/av-source.ts';
import { cpuSecondsOf, memoryOf, processTree } from '../support/process-load.ts';

const LOOP_SECONDS = 10;
/** A call settles its bit rates and sizes in its first seconds. */
const SETTLE_MS = 8_000;
const SAMPLE_EVERY_MS = 10_000;

type Meeting = { host: Person; received: number; end: () => Promise<void> };

/** A call of real apps on made sources; the host's camera is off when only received tracks are of interest. */
async function meet(people: number, hostCamera: boolean): Promise<Meeting> {
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-bench-load-'));
  const present: Person[] = [];
  const end = async (): Promise<void> => {
    for (const person of present.toReversed()) await person.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const [index, look] of LOOKS.slice(0, people).entries()) {
      const video = join(folder, `camera-${index}.y4m`);
      const audio = join(folder, `microphone-${index}.wav`);
      await writeCamera(video, look, LOOP_SECONDS);
      await writeMicrophone(audio, look, LOOP_SECONDS);
      const settings = {
        recordingsFolder: join(folder, 'recordings'),
        signalingListenHost: '127.0.0.1',
        joinWithCamera: index > 0 || hostCamera,
      };
      present.push(await launchPerson({ name: `Person ${index + 1}`, settings, video, audio }));
    }
    const [host, ...guests] = present;
    if (host === undefined) throw new Error('A call needs a host.');
    const link = await startCall(host);
    for (const guest of guests) await enterCall(guest, link);
    await watchRecordings(host.page);
    await wait(SETTLE_MS);
    return { host, received: guests.length, end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function coresDuring(pid: number, seconds: number): Promise<number> {
  const [before, beganMs] = [await cpuSecondsOf(pid), performance.now()];
  await wait(seconds * 1000);
  return ((await cpuSecondsOf(pid)) - before) / ((performance.now() - beganMs) / 1000);
}

async function setRecordMix(page: Page, recordMix: boolean): Promise<void> {
  await page.evaluate(
    (value) =>
      (window as unknown as { tallylight: Bridge }).tallylight.request('settings.update', { recordMix: value }),
    recordMix,
  );
}

async function recordFor<T>(host: Person, work: () => Promise<T>): Promise<T> {
  await watchRecordings(host.page);
  await press(host.page, 'Record');
  await waitForEvent(host.page, 'recordingStarted', 15_000);
  await waitForTally(host.page);
  await wait(2_000);
  const result = await work();
  await press(host.page, 'Stop recording');
  await waitForEvent(host.page, 'recordingCompleted', 120_000);
  return result;
}

/**
 * `npm run bench -- cpu`: cores that the host's whole process tree uses in one call without recording, recording the tracks
 * alone, and recording with the mix; without recording is measured before and after, and compared within the run.
 */
export async function benchCpu(options: { people: number; seconds: number; runs: number }): Promise<void> {
  for (let run = 0; run < options.runs; run += 1) {
    const meeting = await meet(options.people, false);
    try {
      const { host, received } = meeting;
      const cores = (): Promise<number> => coresDuring(host.pid, options.seconds);
      const before = await cores();
      await setRecordMix(host.page, false);
      const tracks = await recordFor(host, cores);
      await wait(3_000);
      const between = await cores();
      await setRecordMix(host.page, true);
      const withMix = await recordFor(host, cores);
      await wait(3_000);
      const after = await cores();
      const round = (value: number): number => Math.round(value * 1000) / 1000;
      process.stdout.write(
        `${JSON.stringify({
          people: options.people,
          callCores: [before, between, after].map(round),
          tracksCores: round(tracks),
          mixCores: round(withMix),
          extraPerReceivedPerson: round((tracks - (before + between) / 2) / received),
          extraWithMix: round(withMix - (between + after) / 2),
        })}\n`,
      );
    } finally {
      await meeting.end();
    }
  }
}

/** `npm run bench -- memory`: memory of the host's main process and window while it records, sampled every 10 s. */
export async function benchMemory(options: { people: number; seconds: number; runs: number }): Promise<void> {
  for (let run = 0; run < options.runs; run += 1) {
    const meeting = await meet(options.people, true);
    try {
      const { host } = meeting;
      const samples = await recordFor(host, () => sampleMemory(host.pid, options.seconds));
      process.stdout.write(
        `${JSON.stringify({ people: options.people, seconds: options.seconds, ...rise(samples) })}\n`,
      );
    } finally {
      await meeting.end();
    }
  }
}

type Sample = { main: number; mainOwn: number; window: number; windowOwn: number };

async function sampleMemory(pid: number, seconds: number): Promise<Sample[]> {
  const windowPid = (await processTree(pid)).find(({ args }) => args.includes('--type=renderer'))?.pid;
  if (windowPid === undefined) throw new Error('The host has no window process.');
  const samples: Sample[] = [];
  for (const endMs = performance.now() + seconds * 1000; performance.now() < endMs;) {
    const [main, view] = [await memoryOf(pid), await memoryOf(windowPid)];
    samples.push({ main: main.residentMb, mainOwn: main.ownMb, window: view.residentMb, windowOwn: view.ownMb });
    await wait(SAMPLE_EVERY_MS);
  }
  return samples;
}

/** First and last fifth of the time against each other: medians, because garbage comes and goes. */
function rise(samples: readonly Sample[]) {
  const part = Math.max(1, Math.floor(samples.length / 5));
  const facts = (key: keyof Sample) => {
    const values = samples.map((sample) => sample[key]);
    const [first, last] = [middle(values.slice(0, part)), middle(values.slice(-part))];
    return { firstMb: Math.round(first), lastMb: Math.round(last), riseMb: Math.round((last - first) * 10) / 10 };
  };
  return {
    samples: samples.length,
    main: facts('main'),
    mainOwn: facts('mainOwn'),
    window: facts('window'),
    windowOwn: facts('windowOwn'),
  };
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
