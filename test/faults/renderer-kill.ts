import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Recording, Track } from '../../contract/recording.ts';
import { seededRandom } from '../support/lanes.ts';
import { ask, openRealCall, recordingOf, type RealCall } from './real-call.ts';
import { faultsOfSaved } from './saved-recording.ts';
import { createFailures, quantile } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** The bars of issue 3. */
const MAX_AWAY_MS = 5_000;
const MAX_LOST_MS = 1_000;

/** So many kills are one call: each leaves segments behind, and a call of an hour would be another test. */
const KILLS_A_CALL = 10;
/** When a page that does not come back is given up. */
const BACK_LIMIT_MS = 20_000;
const LOOK_MS = 100;
/** A page lives at least this long before it is killed; the crash policy is for pages that do not. */
const SHORTEST_LIFE_MS = 5_200;
const MORE_LIFE_MS = 3_000;

type Kill = { atMs: number; pid: number };

/** SIGKILL of the host's page while it records a call of real apps, again and again in the same recording. */
export const rendererKill: Scenario = async ({ seed, count, say }) => {
  const failures = createFailures();
  const lostMs: number[] = [];
  const awayMs: number[] = [];
  for (let done = 0; done < count;) {
    const random = seededRandom(seed * 100_003 + done);
    const planned = Math.min(KILLS_A_CALL, count - done);
    const folder = await mkdtemp(join(tmpdir(), 'tallylight-renderer-kill-'));
    let call: RealCall | null = null;
    try {
      call = await openRealCall({ folder, format: 'mkv', devices: null });
      const kills: Kill[] = [];
      for (let index = 0; index < planned; index += 1) {
        await delay(SHORTEST_LIFE_MS + random() * MORE_LIFE_MS);
        const kill = await killPage(call);
        kills.push(kill);
        const backAfterMs = await waitUntilBack(call, kill, kills.length);
        say(`renderer-kill ${done + index + 1}/${count}: seen writing again after ${Math.round(backAfterMs)} ms`);
      }
      // What came back must also last.
      await delay(SHORTEST_LIFE_MS);
      const recording = await stop(call);
      for (const failure of await faultsOfSaved(recording)) failures.add(`call of seed ${seed} at ${done}: ${failure}`);
      for (const [index, kill] of kills.entries()) {
        const where = `kill ${done + index} of seed ${seed}`;
        for (const track of recording.tracks) {
          const name = track.source === 'mix' ? 'the mix' : track.participantName;
          const hole = holeAt(track, kill.atMs);
          if (hole === null) {
            failures.add(`${where}: ${name} did not go on`);
            continue;
          }
          lostMs.push(hole.lostMs);
          awayMs.push(hole.awayMs);
          if (hole.lostMs > MAX_LOST_MS) failures.add(`${where}: ${name} lost ${Math.round(hole.lostMs)} ms before it`);
          if (hole.awayMs > MAX_AWAY_MS) failures.add(`${where}: ${name} was away for ${Math.round(hole.awayMs)} ms`);
          if (!hole.noted) failures.add(`${where}: nobody is told of the gap of ${name}`);
        }
      }
    } catch (error) {
      failures.add(`call of seed ${seed} at ${done}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await call?.end();
    }
    done += planned;
  }
  return {
    name: 'renderer-kill',
    ok: failures.count() === 0,
    count,
    failures: failures.list(),
    figures: {
      lostBeforeMsMedian: Math.round(quantile(lostMs, 0.5)),
      lostBeforeMsMax: Math.round(quantile(lostMs, 1)),
      awayMsMedian: Math.round(quantile(awayMs, 0.5)),
      awayMsMax: Math.round(quantile(awayMs, 1)),
      tracksMeasured: lostMs.length,
    },
  };
};

async function killPage({ host, zeroMs }: RealCall): Promise<Kill> {
  const pid = await host.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
  );
  if (pid === undefined || pid <= 0) throw new Error('The page has no process.');
  const atMs = Date.now() - zeroMs;
  process.kill(pid, 'SIGKILL');
  return { atMs, pid };
}

/** Waits until each track has a segment begun after the kill with something in it; answers how long that took. */
async function waitUntilBack({ host, recording, zeroMs }: RealCall, kill: Kill, kills: number): Promise<number> {
  for (;;) {
    const nowMs = Date.now() - zeroMs;
    if (nowMs - kill.atMs > BACK_LIMIT_MS) throw new Error(`After kill ${kills} not every track came back.`);
    // While the page is away, nobody answers; the main process goes on.
    const current = await Promise.race([recordingOf(host, recording.id).catch(() => null), delay(2_000, null)]);
    if (current !== null && current.status !== 'recording') {
      throw new Error(`After kill ${kills} the recording is ${current.status}.`);
    }
    const isBack = (track: Track): boolean =>
      track.segments.some((segment) => segment.offsetMs > kill.atMs && segment.durationMs > 0);
    if (current !== null && current.tracks.length >= 3 && current.tracks.every(isBack)) return nowMs - kill.atMs;
    await delay(LOOK_MS);
  }
}

async function stop({ host, recording }: RealCall): Promise<Recording> {
  await ask(host, 'recording.stop', { recordingId: recording.id });
  for (;;) {
    const current = await recordingOf(host, recording.id);
    if (current.status === 'completed' || current.status === 'failed') return current;
    await delay(LOOK_MS);
  }
}

/** How well files can be lined up by their offsets (the bar for it). */
const LINED_UP_WITHIN_MS = 100;

/** What a kill cost a track: what was recorded before it and is gone, and how long nothing was recorded after it. */
function holeAt(track: Track, killAtMs: number): { lostMs: number; awayMs: number; noted: boolean } | null {
  const filled = track.segments.filter(({ durationMs }) => durationMs > 0);
  const before = filled.filter(({ offsetMs }) => offsetMs <= killAtMs).at(-1);
  const after = filled.find(({ offsetMs }) => offsetMs > killAtMs);
  if (before === undefined || after === undefined) return null;
  const endMs = before.offsetMs + before.durationMs;
  // The gap begins where the file's last frame ends, which may lie a little behind the kill as files are lined up.
  const noted = track.lost.gaps.some(
    ({ atMs, durationMs }) => atMs - LINED_UP_WITHIN_MS <= killAtMs && atMs + durationMs >= killAtMs,
  );
  return { lostMs: Math.max(0, killAtMs - endMs), awayMs: after.offsetMs - killAtMs, noted };
}
