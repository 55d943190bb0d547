import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Deliverable, Recording } from '../../contract/recording.ts';
import { layOutTiles } from '../../renderer/capture/layout.ts';
import { reopenProfile } from '../../scripts/demo/reopen.ts';
import {
  decodeSound,
  distances,
  frameBrightness,
  largestGap,
  median,
  packetTimes,
  pitchSeries,
  risingEdges,
  WHOLE_PICTURE,
  type Region,
} from '../support/av-measure.ts';
import { PERIOD_MS, type PersonLook } from '../support/av-source.ts';
import { frameCounters, makeCountedDevices, sinceFlashMs, type CountedDevices } from '../support/counted-media.ts';
import { seededRandom } from '../support/lanes.ts';
import { probeSource, type SourceTruth } from '../support/source-probe.ts';
import { openRealCall } from './real-call.ts';
import { faultsOfSaved } from './saved-recording.ts';
import { createFailures, quantile } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** The bars of issue 3. */
const MAX_LOST_MS = 1_000;
const MAX_MEDIAN_LOST_MS = 500;
const MAX_LISTED_MS = 2_000;
const MAX_FINISHED_MS_PER_MINUTE = 1_000;
/** Starting an app and five thumbnails take what they take, however short the recording is. */
const MAX_FINISHED_MS_AT_ALL = 15_000;

/** How long the sources are watched before Record: two flashes and beeps of each. */
const WATCHED_SECONDS = 5;
const EARLIEST_KILL_MS = 500;
const KILL_SPREAD_MS = 12_000;
const MIX_WIDTH = 1280;
const MIX_HEIGHT = 720;
/** A counter is read wrongly now and then where the picture is coarse; a few of them in a row are no mistake. */
const READ_LAST_FRAMES = 5;

type Source = { name: string; look: PersonLook; truth: SourceTruth };
/** What is missing at the end of a file, by what its pictures and its sound show. */
type Loss = { file: string; pictureMs: number; soundMs: number; counterMs: number | null; largestGapMs: number };

/** kill -9 of the main process of a recording host among real apps; the loss is read off what the files show. */
export const killApp: Scenario = async ({ seed, count, say }) => {
  const failures = createFailures();
  const losses: Loss[] = [];
  const listedMs: number[] = [];
  const finishedMs: number[] = [];
  const media = await mkdtemp(join(tmpdir(), 'tallylight-kill-app-media-'));
  try {
    const devices = await makeCountedDevices(media, 2);
    for (let index = 0; index < count; index += 1) {
      const afterMs = EARLIEST_KILL_MS + seededRandom(seed * 100_003 + index)() * KILL_SPREAD_MS;
      const format = index % 2 === 0 ? 'mkv' : 'mp4';
      const where = `kill ${index} of seed ${seed} (${format}, after ${Math.round(afterMs)} ms)`;
      try {
        const killed = await killOne(devices, format, afterMs);
        for (const failure of killed.failures) failures.add(`${where}: ${failure}`);
        losses.push(...killed.losses);
        listedMs.push(killed.listedMs);
        finishedMs.push(killed.savedMs);
        say(
          `kill-app ${index + 1}/${count}: ${where}: listed after ${killed.listedMs} ms, saved after ${killed.savedMs} ms`,
        );
        for (const loss of killed.losses) say(`  ${describe(loss)}`);
      } catch (error) {
        failures.add(`${where}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    await rm(media, { recursive: true, force: true });
  }
  const lostMs = losses.map(worstOf);
  const middle = quantile(lostMs, 0.5);
  if (middle > MAX_MEDIAN_LOST_MS) failures.add(`the median of what a file lost is ${Math.round(middle)} ms`);
  const counted = losses.flatMap(({ counterMs }) => counterMs ?? []);
  return {
    name: 'kill-app',
    ok: failures.count() === 0,
    count,
    failures: failures.list(),
    figures: {
      lostMsMedian: Math.round(middle),
      lostMsMax: Math.round(quantile(lostMs, 1)),
      lostByCounterMsMedian: Math.round(quantile(counted, 0.5)),
      lostByCounterMsMax: Math.round(quantile(counted, 1)),
      filesMeasured: losses.length,
      filesWithCounter: counted.length,
      listedMsMedian: Math.round(quantile(listedMs, 0.5)),
      listedMsMax: Math.round(quantile(listedMs, 1)),
      savedMsMedian: Math.round(quantile(finishedMs, 0.5)),
      savedMsMax: Math.round(quantile(finishedMs, 1)),
    },
  };
};

type Killed = { failures: string[]; losses: Loss[]; listedMs: number; savedMs: number };

/** Holds a call, records, kills the host, starts it again on its profile and measures its files. */
async function killOne(devices: CountedDevices, format: 'mkv' | 'mp4', afterMs: number): Promise<Killed> {
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-kill-app-'));
  const sources: Source[] = [];
  const call = await openRealCall({
    folder,
    format,
    devices,
    beforeRecording: async (people) => {
      const watched = people.map(async ({ name, page }, index): Promise<Source[]> => {
        const look = devices.looks[index];
        return look === undefined ? [] : [{ name, look, truth: await probeSource(page, look, WATCHED_SECONDS) }];
      });
      sources.push(...(await Promise.all(watched)).flat());
    },
  });
  try {
    await delay(Math.max(0, call.zeroMs + afterMs - Date.now()));
    const killedAtMs = Date.now();
    process.kill(call.host.pid, 'SIGKILL');
    await call.host.ended;
    const { recordings, listedMs, savedMs } = await reopenProfile(call.host.profile);
    const failures: string[] = [];
    const recording = recordings.find(({ id }) => id === call.recording.id);
    if (recording === undefined) throw new Error('the recording is not in the Library');
    if (listedMs > MAX_LISTED_MS) failures.push(`it took ${listedMs} ms to list`);
    const barMs = Math.max(MAX_FINISHED_MS_AT_ALL, (recording.durationMs / 60_000) * MAX_FINISHED_MS_PER_MINUTE);
    if (savedMs > barMs) failures.push(`it took ${savedMs} ms to save`);
    failures.push(...(await faultsOfSaved(recording)));
    if (recording.deliverables.length !== 3) failures.push(`it has ${recording.deliverables.length} files`);
    const losses: Loss[] = [];
    for (const deliverable of recording.deliverables) {
      const loss = await measure(recording, deliverable, sources, killedAtMs);
      losses.push(loss);
      if (worstOf(loss) > MAX_LOST_MS) failures.push(`lost too much: ${describe(loss)}`);
    }
    return { failures, losses, listedMs, savedMs };
  } finally {
    await call.end();
  }
}

/**
 * Finds the source's time of a file's last picture and sound: flashes and beeps say how much later than at the source things stand
 * in the file, and the counter of the last pictures says directly when they were shown.
 */
async function measure(
  recording: Recording,
  deliverable: Deliverable,
  sources: readonly Source[],
  killedAtMs: number,
): Promise<Loss> {
  const path = join(recording.folder, deliverable.file);
  const isMix = deliverable.kind === 'mix';
  const source = sources.find(({ name }) => isMix || name === deliverable.participantName);
  if (source === undefined) throw new Error(`There is no source of ${deliverable.file}.`);
  const { look, truth } = source;
  const region = isMix ? firstTile(sources.length) : WHOLE_PICTURE;
  const fileZeroMs = Date.parse(recording.startedAt) + deliverable.offsetMs;
  const flashes = risingEdges(await frameBrightness(path, flashRegion(region)));
  const beeps = risingEdges(pitchSeries(await decodeSound(path), look.beepHz));
  const pictures = await packetTimes(path, 'v');
  const sounds = await packetTimes(path, 'a');
  const lost = (last: { atMs: number; durationMs: number } | undefined, lateMs: number): number =>
    last === undefined ? killedAtMs - fileZeroMs : killedAtMs - (fileZeroMs + last.atMs + last.durationMs - lateMs);
  return {
    file: deliverable.file,
    pictureMs: lost(pictures.at(-1), lateness(flashes, fileZeroMs, truth.flashes)),
    soundMs: lost(sounds.at(-1), lateness(beeps, fileZeroMs, truth.beeps)),
    counterMs: lostByCounter(await frameCounters(path, region), fileZeroMs, truth.flashes, killedAtMs),
    largestGapMs: Math.max(largestGap(pictures), largestGap(sounds)),
  };
}

/** How much later than at the source something stands in the file; 0 when the file is too short to tell. */
function lateness(inFile: readonly number[], fileZeroMs: number, atSource: readonly number[]): number {
  // Sources repeat: what was watched for a while tells of the rest too.
  const late = distances(
    inFile.map((atMs) => atMs + fileZeroMs),
    [...atSource],
  ).map(inPeriod);
  return late.length === 0 || atSource.length === 0 ? 0 : median(late);
}

/** The kill minus the time at which the source showed the frame that is the last in the file; null when it cannot be read. */
function lostByCounter(
  counters: readonly { atMs: number; count: number }[],
  fileZeroMs: number,
  flashes: readonly number[],
  killedAtMs: number,
): number | null {
  const [flashMs] = flashes;
  const last = counters.slice(-READ_LAST_FRAMES);
  if (flashMs === undefined || last.length < READ_LAST_FRAMES) return null;
  const lost = last.map(({ atMs, count }) => {
    // The counter tells the time within a period; the file tells which period.
    const aboutMs = fileZeroMs + atMs;
    const shownMs = aboutMs - inPeriod(aboutMs - (flashMs + sinceFlashMs(count)));
    const endMs = fileZeroMs + (last.at(-1)?.atMs ?? atMs);
    return killedAtMs - (shownMs + endMs - aboutMs);
  });
  const spread = Math.max(...lost) - Math.min(...lost);
  return spread > 100 ? null : median(lost);
}

/** A distance to the nearest of events that repeat, from minus half a period to half a period. */
function inPeriod(ms: number): number {
  const rest = ((ms % PERIOD_MS) + PERIOD_MS) % PERIOD_MS;
  return rest > PERIOD_MS / 2 ? rest - PERIOD_MS : rest;
}

/** Where the mix shows its first person, in parts of its picture. */
function firstTile(people: number): Region {
  const [tile] = layOutTiles(people, MIX_WIDTH, MIX_HEIGHT);
  if (tile === undefined) return WHOLE_PICTURE;
  const { x, y, width, height } = tile;
  return { x: x / MIX_WIDTH, y: y / MIX_HEIGHT, width: width / MIX_WIDTH, height: height / MIX_HEIGHT };
}

/** The middle of a camera's picture: neither its counter nor a name plate is there. */
function flashRegion({ x, y, width, height }: Region): Region {
  return { x: x + width * 0.3, y: y + height * 0.3, width: width * 0.4, height: height * 0.3 };
}

function worstOf({ pictureMs, soundMs, counterMs }: Loss): number {
  return Math.max(0, pictureMs, soundMs, counterMs ?? 0);
}

function describe({ file, pictureMs, soundMs, counterMs, largestGapMs }: Loss): string {
  const counter = counterMs === null ? 'counter not read' : `counter ${Math.round(counterMs)} ms`;
  return `${file}: picture ${Math.round(pictureMs)} ms, sound ${Math.round(soundMs)} ms, ${counter}, largest gap ${Math.round(largestGapMs)} ms`;
}
