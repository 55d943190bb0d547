import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ControlRouteName } from '../../contract/control-routes.ts';
import { controlFileSchema } from '../../contract/control.ts';
import type { Recording, RecordingEvent } from '../../contract/recording.ts';
import { press, startCall, waitForEvent, waitForTally, watchRecordings } from '../../scripts/demo/drive.ts';
import { launchPerson, type Person } from '../../scripts/demo/person.ts';
import { takeSeen, watchCall, type SeenOfCall } from '../faults/call-watch.ts';
import { ask, openRealCall } from '../faults/real-call.ts';
import { faultsOfSaved } from '../faults/saved-recording.ts';
import { quantile } from '../faults/scenario.ts';
import { controlClient, type ControlClient } from '../support/control-client.ts';
import { writeFinishedRecording } from '../support/finished-recording.ts';

/** The bars of issue 5. */
const REQUESTS_PER_SECOND = 200;
const MAX_P99_MS = 20;

const RECORDINGS_BEFORE = 100;
const SETTLE_MS = 6_000;
/** The same load before it is measured: the first requests of a run time the compilers of both processes. */
const WARM_UP_SECONDS = 3;

const UNCHECKED = ['--unchecked-answers'];

export type ControlBenchOptions = { seconds: number; runs: number; people: number };

/** `lateMs`: how late the request was sent, because this process or the machine was busy; `latencyMs` counts from then on. */
type Done = { name: ControlRouteName; latencyMs: number; lateMs: number; fault: string | null };

/**
 * Latency of the control API of a real app that records a call of one or two: requests come at a constant rate whether or not the ones
 * before were answered, and each is timed from when it was sent; how late that was is told beside it, because it is this process that was
 * late. Three seconds of the same load come before. Answers are not compared with the contract, as in the packaged app. Beside it, what the people in the call see.
 */
export async function benchControl({ seconds, runs, people }: ControlBenchOptions): Promise<void> {
  let worstP99Ms = 0;
  for (let index = 0; index < runs; index += 1) {
    process.stderr.write(`control ${index + 1} of ${runs}: ${REQUESTS_PER_SECOND} requests/s for ${seconds} s\n`);
    const figures = await runOnce(seconds, people);
    worstP99Ms = Math.max(worstP99Ms, figures.p99Ms);
    process.stdout.write(`${JSON.stringify({ bench: 'control', run: index + 1, ...figures })}\n`);
  }
  const ok = worstP99Ms <= MAX_P99_MS;
  process.stdout.write(`${JSON.stringify({ bench: 'control', runs, worstP99Ms, barMs: MAX_P99_MS, ok })}\n`);
}

async function runOnce(seconds: number, people: number): Promise<{ p99Ms: number } & Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-bench-control-'));
  const recordings = join(folder, 'recordings');
  await mkdir(recordings, { recursive: true });
  for (let index = 0; index < RECORDINGS_BEFORE; index += 1) {
    await writeFinishedRecording(recordings, [2_000, 1_000], Date.now() - index * 60_000);
  }
  const call = people === 1 ? await openCallOfOne(folder) : await openCallOfTwo(folder);
  let client: ControlClient | null = null;
  try {
    const { host, everybody } = call;
    client = await clientOf(call);
    const { calls } = await client.data('listCalls');
    const callId = calls[0]?.callId ?? '';
    const ids = { callId, recordingId: String(call.recording.id) };
    for (const { page } of everybody) await watchCall(page);
    await load(client, WARM_UP_SECONDS, ids);
    await delay(SETTLE_MS);
    await takeAll(call);
    const idleLagP99Ms = await idleLag(seconds);
    const calm = await takeAll(call);
    const chunksBefore = (await client.data('stats')).chunkLatencyMs;
    const done = await load(client, seconds, ids);
    const loaded = await takeAll(call);
    const chunksAfter = (await client.data('stats')).chunkLatencyMs;
    const degraded = await degradedIn(call);
    await press(host.page, 'Stop recording');
    const { event } = await waitForEvent(host.page, 'recordingCompleted', 120_000);
    const faults = await faultsOfSaved(event.recording, { decodes: false });
    return {
      people,
      seconds,
      requests: done.length,
      ...latenciesOf(done),
      fromDueP99Ms: rounded(
        quantile(
          done.map(({ latencyMs, lateMs }) => latencyMs + lateMs),
          0.99,
        ),
      ),
      sentLateP99Ms: rounded(
        quantile(
          done.map(({ lateMs }) => lateMs),
          0.99,
        ),
      ),
      errors: countedFaults(done),
      idleLagP99Ms,
      byRoute: Object.fromEntries(
        [...new Set(done.map(({ name }) => name))].map((name) => [
          name,
          latenciesOf(done.filter((each) => each.name === name)),
        ]),
      ),
      calm,
      loaded,
      chunkAckP99Ms: { calm: chunksBefore?.p99 ?? null, loaded: chunksAfter?.p99 ?? null },
      degraded,
      markers: event.recording.markers.length,
      gaps: event.recording.tracks.reduce((sum, track) => sum + track.lost.gaps.length, 0),
      faults,
    };
  } finally {
    client?.close();
    await call.end();
  }
}

type BenchCall = { host: Person; everybody: Person[]; recording: Recording; end(): Promise<void> };

async function openCallOfTwo(folder: string): Promise<BenchCall> {
  const call = await openRealCall({ folder, format: 'mkv', devices: null, args: UNCHECKED });
  return { ...call, everybody: [call.host, call.guest] };
}

async function openCallOfOne(folder: string): Promise<BenchCall> {
  const settings = {
    recordingsFolder: join(folder, 'recordings'),
    format: 'mkv',
    signalingListenHost: '127.0.0.1',
  } as const;
  const host = await launchPerson({ name: 'Ada', settings, video: null, audio: null, args: UNCHECKED });
  const end = async (): Promise<void> => {
    await host.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await startCall(host);
    await watchRecordings(host.page);
    await press(host.page, 'Record');
    const { event } = await waitForEvent(host.page, 'recordingStarted', 15_000);
    await waitForTally(host.page);
    return { host, everybody: [host], recording: event.recording, end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function clientOf(call: BenchCall): Promise<ControlClient> {
  await ask(call.host, 'settings.update', { controlEnabled: true });
  for (;;) {
    const { state, file } = await ask(call.host, 'control.status', {});
    if (state === 'failed') throw new Error('The control API could not be opened.');
    if (file !== null) return controlClient(controlFileSchema.parse(JSON.parse(await readFile(file, 'utf8'))));
    await delay(50);
  }
}

/** What is asked for, in turn: fifty requests of which one drops a marker. */
function routeOf(index: number): ControlRouteName {
  const at = index % 50;
  if (at === 0) return 'addMarker';
  if (at % 10 === 1) return 'listRecordings';
  if (at % 5 === 2) return 'stats';
  return at % 2 === 0 ? 'getCall' : 'getRecording';
}

async function load(
  client: ControlClient,
  seconds: number,
  params: { callId: string; recordingId: string },
): Promise<Done[]> {
  const { callId, recordingId } = params;
  const asks: Partial<Record<ControlRouteName, () => Promise<{ status: number }>>> = {
    addMarker: () => client.send('POST', `/api/video-calls/${callId}/recording/markers`, { body: { name: 'bench' } }),
    listRecordings: () => client.send('GET', '/api/recordings'),
    stats: () => client.send('GET', '/api/stats'),
    getCall: () => client.send('GET', `/api/video-calls/${callId}`),
    getRecording: () => client.send('GET', `/api/video-calls/${callId}/recording/${recordingId}`),
  };
  const done: Done[] = [];
  const open = new Set<Promise<void>>();
  const count = seconds * REQUESTS_PER_SECOND;
  const startMs = performance.now() + 100;
  for (let index = 0; index < count; index += 1) {
    const dueMs = startMs + (index * 1000) / REQUESTS_PER_SECOND;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await delay(waitMs);
    const name = routeOf(index);
    const sentMs = performance.now();
    const note = (fault: string | null): void => {
      done.push({ name, latencyMs: performance.now() - sentMs, lateMs: sentMs - dueMs, fault });
    };
    const asked: Promise<void> = (asks[name]?.() ?? Promise.reject(new Error(name)))
      .then(({ status }) => note(status < 300 ? null : `${status}`))
      .catch((error: unknown) => note(error instanceof Error ? error.message : String(error)))
      .finally(() => open.delete(asked));
    open.add(asked);
  }
  await Promise.all(open);
  return done;
}

function latenciesOf(done: readonly Done[]): { p50Ms: number; p95Ms: number; p99Ms: number; maxMs: number } {
  const all = done.map(({ latencyMs }) => latencyMs);
  const [p50Ms, p95Ms, p99Ms, maxMs] = [0.5, 0.95, 0.99, 1].map((part) => rounded(quantile(all, part)));
  return { p50Ms: p50Ms ?? 0, p95Ms: p95Ms ?? 0, p99Ms: p99Ms ?? 0, maxMs: maxMs ?? 0 };
}

/** How often what went wrong. */
function countedFaults(done: readonly Done[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const { fault } of done) if (fault !== null) counted[fault] = (counted[fault] ?? 0) + 1;
  return counted;
}

/** How late this process, which does nothing meanwhile, is woken: what no server on this machine can undercut. */
async function idleLag(seconds: number): Promise<number> {
  const lags: number[] = [];
  const untilMs = performance.now() + seconds * 1000;
  while (performance.now() < untilMs) {
    const dueMs = performance.now() + 5;
    await delay(5);
    lags.push(performance.now() - dueMs);
  }
  return rounded(quantile(lags, 0.99));
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100;

async function takeAll({ everybody }: BenchCall): Promise<Record<string, Omit<SeenOfCall, 'changes'>>> {
  const seen: Record<string, Omit<SeenOfCall, 'changes'>> = {};
  for (const { name, page } of everybody) {
    const { largestGapMs, frames } = await takeSeen(page);
    // Alone, one sees nobody.
    if (frames > 0) seen[name] = { largestGapMs: Math.round(largestGapMs), frames };
  }
  return seen;
}

/** How often the host's window heard that the recording was not well, after it had begun. */
async function degradedIn({ host }: BenchCall): Promise<number> {
  return host.page.evaluate(() => {
    const seen: unknown = Reflect.get(window, 'demoEvents');
    const events = Array.isArray(seen) ? (seen as { event: RecordingEvent }[]) : [];
    return events.filter(({ event }) => event.type === 'recordingHealth' && event.health.kind === 'degraded').length;
  });
}
