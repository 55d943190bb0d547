import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Recording } from '../../contract/recording.ts';
import { FRAME_MS, makeWriterLanes } from '../support/counted-media.ts';
import { seededRandom } from '../support/lanes.ts';
import { packetTimesMs } from '../support/media-report.ts';
import { openRealRecorder } from '../support/real-recorder.ts';
import { faultsOfSaved } from './saved-recording.ts';
import { createFailures, quantile } from './scenario.ts';
import type { FaultOptions, Scenario, ScenarioReport } from './scenario.ts';

const WRITERS_AT_ONCE = 4;
const TRACKS = 3;

/** The bars of issue 3. */
const MAX_LOST_MS = 1_000;
const MAX_MEDIAN_LOST_MS = 500;
const MAX_LISTED_MS = 2_000;
const MAX_FINISHED_MS_PER_MINUTE = 1_000;
/** A probe and a thumbnail take what they take: a recording of seconds is not finished in a part of its bar. */
const MAX_FINISHED_MS_AT_ALL = 10_000;

/** Frames of 20 and 33 ms, and times in whole milliseconds: more than this between count and time is a hole. */
const MAX_HOLE_MS = 150;

type Line =
  | { event: 'starting' }
  | { event: 'started'; id: string; zeroMs: number }
  | { event: 'lane'; trackId: string; participantName: string; lane: 'audio' | 'video' | 'av'; startMs: number }
  | { event: 'ack'; trackId: string; lane: string; seq: number }
  | { event: 'refused'; lane: string; error: string };

/** What a writer had said when it was killed. */
type Killed = {
  id: string | null;
  /** On the recording's clock. */
  killedAtMs: number;
  lanes: Extract<Line, { event: 'lane' }>[];
  refused: string[];
};

type Outcome = {
  failures: string[];
  kind: 'saved' | 'empty' | 'neverBegun';
  /** Worst of sound and picture, one for each track. */
  lostMs: number[];
  listedMs: number;
  finishedMs: number;
  recordedMs: number;
};

/** kill -9 of a recorder's process at random moments of its first 12 seconds. */
export const killWriter: Scenario = (options) => killWriters('kill-writer', 12_000, 'started', options);

/** The same within 3 seconds of pressing Record. */
export const killEarly: Scenario = (options) => killWriters('kill-early', 3_000, 'starting', options);

async function killWriters(
  name: string,
  spreadMs: number,
  countedFrom: 'starting' | 'started',
  { seed, count, say }: FaultOptions,
): Promise<ScenarioReport> {
  const failures = createFailures();
  const outcomes: Outcome[] = [];
  const folder = await mkdtemp(join(tmpdir(), `tallylight-${name}-`));
  // The app's timers do not keep a process alive, and a saved recording may be waiting for one.
  const alive = setInterval(() => undefined, 1_000);
  try {
    const media = join(folder, 'media');
    await makeWriterLanes(media);
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < count) {
        const index = next;
        next += 1;
        const random = seededRandom(seed * 100_003 + index);
        const afterMs = random() * spreadMs;
        const format = index % 4 === 3 ? 'mp4' : 'mkv';
        const place = join(folder, `writer-${index}`);
        await mkdir(place);
        const killed = await recordAndKill([place, format, media], countedFrom, afterMs);
        const outcome = await restartOn(place, killed);
        outcomes.push(outcome);
        const where = `kill ${index} of seed ${seed} (${format}, ${Math.round(afterMs)} ms after it was ${countedFrom})`;
        for (const failure of outcome.failures) failures.add(`${where}: ${failure}`);
        await rm(place, { recursive: true, force: true });
        const lost = outcomes.flatMap((each) => each.lostMs);
        if (outcomes.length % 10 === 0 || outcomes.length === count) {
          say(
            `${name} ${outcomes.length}/${count}: lost at most ${Math.round(Math.max(0, ...lost))} ms, ${failures.count()} failures`,
          );
        }
      }
    };
    await Promise.all(Array.from({ length: WRITERS_AT_ONCE }, worker));
  } finally {
    clearInterval(alive);
    await rm(folder, { recursive: true, force: true });
  }
  const lostMs = outcomes.flatMap((each) => each.lostMs);
  const median = quantile(lostMs, 0.5);
  if (median > MAX_MEDIAN_LOST_MS) failures.add(`the median of what a track lost is ${Math.round(median)} ms`);
  const figure = (values: number[], part: number): number => Math.round(quantile(values, part));
  return {
    name,
    ok: failures.count() === 0,
    count,
    failures: failures.list(),
    figures: {
      lostMsMedian: figure(lostMs, 0.5),
      lostMsP95: figure(lostMs, 0.95),
      lostMsMax: figure(lostMs, 1),
      tracksMeasured: lostMs.length,
      saved: outcomes.filter(({ kind }) => kind === 'saved').length,
      listedAsEmpty: outcomes.filter(({ kind }) => kind === 'empty').length,
      killedBeforeRecordWasAnswered: outcomes.filter(({ kind }) => kind === 'neverBegun').length,
      listedMsMedian: figure(
        outcomes.map((each) => each.listedMs),
        0.5,
      ),
      listedMsMax: figure(
        outcomes.map((each) => each.listedMs),
        1,
      ),
      finishedMsMedian: figure(
        outcomes.map((each) => each.finishedMs),
        0.5,
      ),
      finishedMsMax: figure(
        outcomes.map((each) => each.finishedMs),
        1,
      ),
    },
  };
}

/** Lets a writer record and kills it so long after a line of its. */
async function recordAndKill(args: string[], countedFrom: Line['event'], afterMs: number): Promise<Killed> {
  const script = fileURLToPath(new URL('../support/recorder-writer.ts', import.meta.url));
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const killed: Killed = { id: null, killedAtMs: 0, lanes: [], refused: [] };
  let zeroMs = Number.NaN;
  let killedMs = Number.NaN;
  const kill = (): void => {
    killedMs = performance.timeOrigin + performance.now();
    child.kill('SIGKILL');
  };
  for await (const text of createInterface({ input: child.stdout })) {
    const line = parseLine(text);
    if (line === null) continue;
    if (line.event === countedFrom) setTimeout(kill, afterMs);
    if (line.event === 'started') {
      killed.id = line.id;
      ({ zeroMs } = line);
    }
    if (line.event === 'lane') killed.lanes.push(line);
    if (line.event === 'refused') killed.refused.push(line.error);
  }
  if (Number.isNaN(killedMs)) throw new Error('The writer ended by itself.');
  killed.killedAtMs = killedMs - zeroMs;
  return killed;
}

/** A line that the kill cut in two is none. */
function parseLine(text: string): Line | null {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return null;
  }
}

/** Starts the service on what the kill left, as the next start of the app does, and measures. */
async function restartOn(place: string, killed: Killed): Promise<Outcome> {
  const failures: string[] = [];
  const sinceMs = performance.now();
  const { recordings, library } = openRealRecorder(place);
  const report = await recordings.recover();
  const listed = recordings.list();
  const listedMs = performance.now() - sinceMs;
  await report.finished;
  const finishedMs = performance.now() - sinceMs;
  await library.flush();
  const outcome = { failures, kind: 'neverBegun' as const, lostMs: [], listedMs, finishedMs, recordedMs: 0 };
  if (listed.length > 1) failures.push(`${listed.length} recordings are listed`);
  const [recording] = recordings.list();
  if (recording === undefined) {
    if (killed.id !== null) failures.push('the recording is not listed');
    return outcome;
  }
  if (killed.id !== null && recording.id !== killed.id) failures.push('another recording is listed');
  if (killed.refused.length > 0) failures.push(`a chunk was refused: ${killed.refused[0]}`);
  if (listedMs > MAX_LISTED_MS) failures.push(`it took ${Math.round(listedMs)} ms to list`);
  const barMs = Math.max(MAX_FINISHED_MS_AT_ALL, (recording.durationMs / 60_000) * MAX_FINISHED_MS_PER_MINUTE);
  if (finishedMs > barMs) failures.push(`it took ${Math.round(finishedMs)} ms to finish`);
  failures.push(...(await faultsOfSaved(recording)));
  const lostMs = killed.id === null ? [] : await measureLost(recording, killed, failures);
  const kind = recording.deliverables.length > 0 ? 'saved' : 'empty';
  return { ...outcome, kind, lostMs, recordedMs: recording.durationMs };
}

/** By the count of frames: the n-th frame of a lane is over n frames after the lane began, wherever a file puts it. */
async function measureLost(recording: Recording, killed: Killed, failures: string[]): Promise<number[]> {
  const lost: number[] = [];
  const { killedAtMs } = killed;
  for (const name of ['', 'Ada', 'Ben']) {
    const lanes = killed.lanes.filter(({ participantName }) => participantName === name);
    const deliverables = recording.deliverables.filter((each) => each.participantName === name);
    const [deliverable] = deliverables;
    if (deliverables.length > 1) failures.push(`there are ${deliverables.length} files of "${name}"`);
    // A lane of which we were not told was not there, or only just.
    const ends: number[] = lanes.length === 0 ? [killedAtMs] : [];
    for (const { lane, startMs } of lanes) {
      for (const type of lane === 'av' ? (['audio', 'video'] as const) : [lane]) {
        if (deliverable === undefined) {
          ends.push(startMs);
          continue;
        }
        const times = await packetTimesMs(join(recording.folder, deliverable.file), type === 'audio' ? 'a' : 'v');
        const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0];
        const countedMs = times.length * FRAME_MS[type];
        const byTimeMs = times.length === 0 ? 0 : last - first + FRAME_MS[type];
        // Sound that was encoded again has other packets: there its end is all there is.
        const isCopy = type === 'video' || deliverable.format !== 'mp4';
        if (isCopy && Math.abs(countedMs - byTimeMs) > MAX_HOLE_MS) {
          failures.push(`"${name}" has ${times.length} frames (${type}) in ${Math.round(byTimeMs)} ms`);
        }
        ends.push(startMs + (isCopy ? countedMs : deliverable.offsetMs + last + FRAME_MS[type] - startMs));
      }
    }
    const lostMs = Math.max(0, killedAtMs - Math.min(...ends));
    lost.push(lostMs);
    if (lostMs > MAX_LOST_MS) failures.push(`"${name}" lost ${Math.round(lostMs)} ms before ${Math.round(killedAtMs)}`);
  }
  if (lost.length !== TRACKS) failures.push(`${lost.length} tracks were measured`);
  return lost;
}
