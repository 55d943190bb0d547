import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Recording } from '../../contract/recording.ts';
import { seededRandom } from '../support/lanes.ts';
import { packetTimesMs } from '../support/media-report.ts';
import { openRealRecorder } from '../support/real-recorder.ts';
import { acknowledgedMissing } from './acked-chunks.ts';
import { openKeptCall, type KeptCall } from './kept-call.ts';
import type { RealCall } from './real-call.ts';
import { faultsOfSaved } from './saved-recording.ts';
import { createFailures, quantile } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** The bar of issue 3. */
const MAX_EXIT_MS = 5_000;
const GONE_LIMIT_MS = 30_000;

type Way = 'SIGTERM' | 'window' | 'SIGHUP' | 'SIGINT';
const WAYS: readonly Way[] = ['SIGTERM', 'window', 'SIGHUP', 'SIGINT'];

/** The ways in which an app is told to go while it records: nothing of what was acknowledged may be missing. */
export const goodbye: Scenario = async ({ seed, count, say }) => {
  const failures = createFailures();
  const lostMs: number[] = [];
  const exitMs: number[] = [];
  let savedBeforeExit = 0;
  let acknowledgedFrames = 0;
  for (let index = 0; index < count; index += 1) {
    const random = seededRandom(seed * 100_003 + index);
    const way = WAYS[index % WAYS.length] ?? 'SIGTERM';
    // Each way in each format, in turn.
    const format = Math.floor(index / WAYS.length) % 2 === index % 2 ? 'mp4' : 'mkv';
    const where = `${way} ${index} of seed ${seed} (${format})`;
    const folder = await mkdtemp(join(tmpdir(), 'tallylight-goodbye-'));
    let call: KeptCall | null = null;
    try {
      call = await openKeptCall(folder, format);
      await delay(1_500 + random() * 4_000);
      const { exitAfterMs, saidAtMs } = await sayGoodbye(call, way);
      exitMs.push(exitAfterMs);
      if (exitAfterMs > MAX_EXIT_MS) failures.add(`${where}: it took ${Math.round(exitAfterMs)} ms to go`);
      const left = await ffmpegOf(folder);
      if (left.length > 0) failures.add(`${where}: FFmpeg is left: ${left[0]}`);

      const { recordings } = openRealRecorder(folder);
      const alive = setInterval(() => undefined, 1_000);
      const report = await recordings.recover();
      if (report.interrupted.length === 0) savedBeforeExit += 1;
      await report.finished;
      clearInterval(alive);
      const [recording] = recordings.list();
      if (recording === undefined) throw new Error('the recording is not listed');
      for (const failure of await faultsOfSaved(recording)) failures.add(`${where}: ${failure}`);
      const kept = await acknowledgedMissing(recording, call.acknowledged);
      acknowledgedFrames += kept.frames;
      for (const missing of kept.missing) failures.add(`${where}: ${missing}`);
      lostMs.push(...(await lostBefore(recording, saidAtMs - call.zeroMs)));
    } catch (error) {
      failures.add(`${where}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await call?.end();
    }
    say(`goodbye ${index + 1}/${count}: ${where}: gone after ${Math.round(exitMs.at(-1) ?? Number.NaN)} ms`);
  }
  return {
    name: 'goodbye',
    ok: failures.count() === 0,
    count,
    failures: failures.list(),
    figures: {
      exitMsMedian: Math.round(quantile(exitMs, 0.5)),
      exitMsMax: Math.round(quantile(exitMs, 1)),
      lostMsMedian: Math.round(quantile(lostMs, 0.5)),
      lostMsMax: Math.round(quantile(lostMs, 1)),
      acknowledgedFrames,
      savedBeforeExit,
    },
  };
};

/** Tells the host's app to go; answers when that was said (milliseconds since 1970) and how long it took. */
async function sayGoodbye({ host }: RealCall, way: Way): Promise<{ saidAtMs: number; exitAfterMs: number }> {
  if (way === 'window') {
    const asked = await host.page.evaluateHandle(() => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const undo = window.tallylight.on('app.closeRequested', () => {
        undo();
        resolve();
      });
      // Wrapped: a handle to a bare promise would wait for it.
      return { promise };
    });
    await host.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    await asked.evaluate(({ promise }) => promise);
  }
  const saidAtMs = Date.now();
  if (way === 'window') {
    // The page is gone before it is told that its request was answered.
    host.page.evaluate(() => window.tallylight.request('app.close', { choice: 'endAndClose' })).catch(() => undefined);
  } else {
    process.kill(host.pid, way);
  }
  const ended = await Promise.race([host.ended, delay(GONE_LIMIT_MS, null)]);
  if (ended === null) throw new Error(`It is still there after ${GONE_LIMIT_MS} ms.`);
  if (ended.code !== 0) throw new Error(`It ended by ${ended.signal ?? `exit code ${ended.code}`}.`);
  return { saidAtMs, exitAfterMs: Date.now() - saidAtMs };
}

/** Command lines of FFmpeg processes that work on files of a folder; nothing where the system does not tell. */
async function ffmpegOf(folder: string): Promise<string[]> {
  const names = await readdir('/proc').catch(() => []);
  const lines = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readFile(join('/proc', name, 'cmdline'), 'utf8').catch(() => '')),
  );
  return lines
    .map((line) => line.replaceAll('\0', ' '))
    .filter((line) => line.includes(folder) && /^\S*ffmpeg/.test(line));
}

/** How much of each track is missing before an instant of the recording's clock: the worse of its sound and its picture. */
async function lostBefore(recording: Recording, atMs: number): Promise<number[]> {
  const lost: number[] = [];
  for (const { file, offsetMs } of recording.deliverables) {
    const path = join(recording.folder, file);
    const ends = await Promise.all(
      (['a', 'v'] as const).map(async (stream) => (await packetTimesMs(path, stream)).at(-1) ?? -offsetMs),
    );
    lost.push(Math.max(0, atMs - offsetMs - Math.min(...ends)));
  }
  return lost;
}
