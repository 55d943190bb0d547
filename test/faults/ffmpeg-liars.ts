import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Recording } from '../../contract/recording.ts';
import { locateFfmpeg } from '../../main/media/ffmpeg-locate.ts';
import type { Ffmpeg } from '../../main/media/ffmpeg.ts';
import { nodeMediaFiles } from '../../main/media/media-files.ts';
import { probeMedia } from '../../main/media/probe.ts';
import { createMediaJobs } from '../../main/recording/media-jobs.ts';
import { launcher } from '../support/ffmpeg-fixtures.ts';
import { decodeComplaints } from '../support/media-report.ts';
import { makeHarness, stopAndSettle } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';
import { beginTake } from './liar-take.ts';
import { liars } from './liar-programs.ts';
import type { Liar } from './liar-programs.ts';
import { createFailures } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** The bar: nothing of a program is left so long after the app has closed. */
const GONE_WITHIN_MS = 5_000;

// Short, so that a test is not about waiting: what hangs must be noticed, not how patient the app is.
const STALL_MS = 1_500;

/** Every program that lies or hangs in FFmpeg's place, once or more. */
export const ffmpegLiars: Scenario = async ({ count, say }) => {
  const failures = createFailures();
  const gone: number[] = [];
  const saved: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const liar = liars[index % liars.length];
    if (liar === undefined) break;
    const result = await faceLiar(liar);
    for (const fault of result.faults) failures.add(`liar ${index} (${liar.name}): ${fault}`);
    gone.push(result.goneMs);
    saved.push(result.settledMs);
    say(
      `${liar.name}: ${result.error}, settled after ${result.settledMs} ms, all gone ${result.goneMs} ms after closing`,
    );
  }
  return {
    name: 'ffmpeg-liars',
    ok: failures.count() === 0,
    count,
    failures: failures.list(),
    figures: {
      kinds: Math.min(count, liars.length),
      longestUntilGoneMs: Math.max(0, ...gone),
      longestUntilSettledMs: Math.max(0, ...saved),
    },
  };
};

/** What one of them could do to a recording; every fault is a sentence. */
export async function faceLiar(
  liar: Liar,
): Promise<{ faults: string[]; error: string; settledMs: number; goneMs: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-liar-'));
  const token = `TALLYLIGHT_TEST_LIAR=${randomUUID()}`;
  const [name = '', value = ''] = token.split('=');
  // Every program that is started from here on carries it, and hands it on.
  process.env[name] = value;
  const faults: string[] = [];
  try {
    const real = (await locateFfmpeg({ settingPath: null })).path;
    let ffmpeg: Ffmpeg = launcher(await liar.make(folder, real), { stallMs: STALL_MS, killAfterMs: 300 });
    const jobs = createMediaJobs({
      ffmpeg: async () => ffmpeg,
      files: nodeMediaFiles,
      retryAfterMs: 20,
      liveMix: { closeStallMs: STALL_MS },
    });
    const harness = await makeHarness({ folder, jobs });
    const sinceMs = performance.now();
    const recording = await record(harness);
    const settledMs = Math.round(performance.now() - sinceMs);
    faults.push(...(await faultsOfFailed(recording, liar)));
    if (!(await isGone(token, GONE_WITHIN_MS))) faults.push('programs are left after the recording was settled');

    ffmpeg = launcher(real);
    await harness.recordings.retry({ recordingId: recording.id });
    faults.push(...(await faultsOfCompleted(await harness.recordings.settled({ recordingId: recording.id }))));

    // Closing in the middle of a recording, with the liar at work.
    ffmpeg = launcher(await liar.make(folder, real), { stallMs: STALL_MS, killAfterMs: 300 });
    const { id } = await beginTake(harness);
    const closing = harness.recordings.close({ limitMs: 500 });
    for (let step = 0; step < 20; step += 1) {
      harness.time.advance(500);
      await pause(50);
    }
    await closing;
    const closedMs = performance.now();
    if (!(await isGone(token, GONE_WITHIN_MS))) faults.push(`programs are left ${GONE_WITHIN_MS} ms after closing`);
    const goneMs = Math.round(performance.now() - closedMs);

    if (liar.stays) await recordAndKill(folder, await liar.make(folder, real));
    ffmpeg = launcher(real);
    const next = harness.restart({ jobs });
    const { finished } = await next.recordings.recover();
    await finished;
    if (!(await isGone(token, 0))) faults.push('programs of the killed app are left when its recording is saved');
    if (next.recordings.get({ recordingId: id }).status === 'failed') {
      await next.recordings.retry({ recordingId: id });
      await next.recordings.settled({ recordingId: id });
    }
    for (const each of next.recordings.list()) faults.push(...(await faultsOfCompleted(each)));
    if (next.recordings.list().length !== (liar.stays ? 3 : 2)) faults.push('a recording is missing');
    await next.end();
    return { faults, error: recording.error?.code ?? recording.status, settledMs, goneMs };
  } finally {
    delete process.env[name];
    // Whatever the app failed to end, a test leaves nothing behind.
    for (const pid of await carriersOf(token)) process.kill(Number(pid), 'SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

/** Another app records with this program and is killed; the program lives on. */
async function recordAndKill(folder: string, ffmpegPath: string): Promise<void> {
  const script = fileURLToPath(new URL('liar-recorder.ts', import.meta.url));
  const app = spawn(process.execPath, [script, folder, ffmpegPath], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(app, 'exit');
  for await (const line of createInterface({ input: app.stdout })) {
    if (line === 'ready') app.kill('SIGKILL');
  }
  await exited;
}

async function record(harness: Harness): Promise<Recording> {
  return stopAndSettle(harness, (await beginTake(harness)).id);
}

async function faultsOfFailed(recording: Recording, liar: Liar): Promise<string[]> {
  const faults: string[] = [];
  const { status, error } = recording;
  if (status !== 'failed') faults.push(`the recording is ${status}`);
  if (error === null || !liar.codes.includes(error.code)) faults.push(`its error is ${error?.code ?? 'none'}`);
  if (error?.retryable === false) faults.push(`its error (${error.message}) is called final`);
  if (recording.thumbnails.length > 0) faults.push('it has thumbnails');
  const listed = recording.deliverables.map((each) => `${each.kind} ${each.format}`).toSorted();
  if (listed.join() !== 'mix mkv,track mkv') faults.push(`it lists ${listed.join(', ')}`);
  faults.push(...(await faultsOfFiles(recording)));
  return faults;
}

async function faultsOfCompleted(recording: Recording): Promise<string[]> {
  const faults: string[] = [];
  const { status, error } = recording;
  if (status !== 'completed') faults.push(`with FFmpeg back it is ${status} (${error?.message ?? 'no error'})`);
  const listed = recording.deliverables.map((each) => `${each.kind} ${each.format}`).toSorted();
  if (listed.join() !== 'mix mp4,track mkv') faults.push(`with FFmpeg back it lists ${listed.join(', ')}`);
  if (recording.thumbnails.length !== 5) faults.push(`it has ${recording.thumbnails.length} thumbnails`);
  faults.push(...(await faultsOfFiles(recording)));
  return faults;
}

async function faultsOfFiles(recording: Recording): Promise<string[]> {
  const faults: string[] = [];
  for (const { file, durationMs } of recording.deliverables) {
    const path = join(recording.folder, file);
    const probe = await probeMedia(path);
    const kinds = probe.tracks.map((track) => track.kind).toSorted();
    if (kinds.join() !== 'audio,video') faults.push(`${file} holds ${kinds.join(', ')}`);
    if (Math.abs((probe.durationMs ?? 0) - durationMs) > 200) faults.push(`${file} lasts ${probe.durationMs} ms`);
    const complaints = await decodeComplaints(path);
    if (complaints !== '') faults.push(`${file} does not decode: ${complaints.slice(0, 200)}`);
  }
  for (const name of await readdir(recording.folder, { recursive: true })) {
    if (name.endsWith('.partial') || name.endsWith('.2')) faults.push(`${name} was left`);
  }
  return faults;
}

async function isGone(token: string, limitMs: number): Promise<boolean> {
  const untilMs = performance.now() + limitMs;
  for (;;) {
    if ((await carriersOf(token)).length === 0) return true;
    if (performance.now() >= untilMs) return false;
    await pause(25);
  }
}

/** Processes that were started with this variable in their environment, by whomever. */
async function carriersOf(token: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const carriers: string[] = [];
  for (const pid of pids) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (environment.split('\0').includes(token)) carriers.push(pid);
  }
  return carriers;
}
