import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { controlRoutes, type ControlRouteName } from '../../contract/control-routes.ts';
import { controlErrorSchema, controlFileSchema } from '../../contract/control.ts';
import { ERROR_STATUS } from '../../main/control/error-status.ts';
import { seededUuid, type Known } from '../support/fuzz-values.ts';
import { seededRandom } from '../support/lanes.ts';
import { exchange, type Exchange, type RawAnswer } from '../support/raw-http.ts';
import type { Person } from '../support/windowless-app.ts';
import type { AttackedCall } from './attacked-call.ts';
import { wentOn, withAttackedCall } from './attacked-process.ts';
import { controlAttack, eventsAttack, type ControlAttack, type ControlTarget } from './control-attacks.ts';
import { createFailures, quantile } from './scenario.ts';
import type { Scenario } from './scenario.ts';

const AT_ONCE = 12;
const CHUNKS_FED = 120;
/** The bar of issue 5 for whoever sends slowly. */
const SLOW_LIMIT_MS = 15_000;
/** Whoever sends half a request costs seconds each. */
const SLOW_SHARE = 0.004;
/** Sender and app share this process here; the bar of 200 ms is tried where they do not (control-slow.test.ts). */
const HEALTHY_MS = 1_000;
const STREAM_MS = 150;

/** What would end what the trial goes on with, when it is asked for rightly. */
const OWN_WISHES: ReadonlySet<ControlRouteName> = new Set(['endCall', 'leaveCall', 'stopRecording', 'pauseRecording']);

/** Requests that are nearly right, and bytes that are none, at the control API: only typed answers, and call and recording go on. */
export const fuzzControl: Scenario = async ({ seed, count, say }) => {
  const failures = createFailures();
  const outcomes: Record<string, number> = {};
  const healthyMs: number[] = [];
  let asked = 0;
  let slowMs = 0;
  const heapGrowthMb = await withAttackedCall(`seed ${seed}`, failures.add, async (scene) => {
    const target = await openControl(scene);
    const random = seededRandom(seed);
    const slowAtMost = Math.max(4, Math.round(count * SLOW_SHARE));
    let slow = 0;
    const attack = async (each: ControlAttack): Promise<void> => {
      const came = await exchange(target.port, each.bytes, SLOW_LIMIT_MS);
      asked += 1;
      if (each.isSlow) slowMs = Math.max(slowMs, came.tookMs);
      const { fault, outcome } = judge(each, came);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (fault !== null) failures.add(`seed ${seed}: ${each.where}: ${fault}`);
    };
    const run = async (from: number, to: number, isOver: boolean): Promise<void> => {
      const turn = { next: from };
      const feedEvery = Math.max(1, Math.floor((to - from) / CHUNKS_FED));
      const worker = async (): Promise<void> => {
        while (turn.next < to) {
          const index = turn.next;
          turn.next += 1;
          const each = controlAttack(random, index, target);
          if (each.isSlow && (isOver || (slow += 1) > slowAtMost)) continue;
          if (!isOver && isOwnWish(each, scene)) continue;
          await attack(each);
        }
      };
      const feeder = async (): Promise<void> => {
        let fed = 0;
        while (turn.next < to) {
          if (!isOver && turn.next - from >= fed * feedEvery) {
            await scene.feed();
            fed += 1;
          }
          healthyMs.push(await healthy(target, failures.add));
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      };
      await Promise.all([...Array.from({ length: AT_ONCE }, worker), feeder()]);
    };
    const whileRecording = Math.floor(count * 0.85);
    await run(0, whileRecording, false);
    for (let index = 0; index < 20; index += 1) await exchange(target.port, eventsAttack(random, target), STREAM_MS);
    say(`fuzz-control: ${asked} requests while ${scene.fedChunks()} chunks were recorded`);
    const { recording } = scene;
    await wentOn(scene, `seed ${seed}`, failures.add);
    await run(whileRecording, count, true);
    await stillListed(scene.host, recording.id, failures.add);
  });
  const slowest = quantile(healthyMs, 1);
  if (quantile(healthyMs, 0.99) > HEALTHY_MS)
    failures.add(`seed ${seed}: a healthy request took ${slowest} ms meanwhile`);
  return {
    name: 'fuzz-control',
    ok: failures.count() === 0,
    count,
    failures: failures.list(),
    figures: {
      requests: asked,
      healthyMsP99: Math.round(quantile(healthyMs, 0.99)),
      healthyMsMax: Math.round(slowest),
      slowMsMax: Math.round(slowMs),
      heapGrowthMb: Math.round(heapGrowthMb * 10) / 10,
      ...Object.fromEntries(Object.entries(outcomes).toSorted(([, a], [, b]) => b - a)),
    },
  };
};

/** Turns the control API of the host's app on and finds it as programs do. */
export async function openControlOf(person: Person): Promise<{ port: number; token: string }> {
  await person.ask('settings.update', { controlEnabled: true });
  const file = await person.until((told) => {
    const last = told.findLast((each) => each.name === 'control.changed');
    return last?.name === 'control.changed' ? (last.payload.file ?? undefined) : undefined;
  });
  const { port, token } = controlFileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  return { port, token };
}

async function openControl({ host, call, guestCall, recording, trackId }: AttackedCall): Promise<ControlTarget> {
  const stranger = seededUuid(seededRandom(99));
  const known: Known = {
    callId: [call.id, call.id, call.id, stranger],
    recordingId: [recording.id, recording.id, stranger],
    trackId: [trackId, null, stranger],
    userId: ['ben', 'eve', guestCall.selfId],
    link: [call.inviteLink],
    maxAgeMs: [1e12, 9e15],
  };
  return { ...(await openControlOf(host)), known };
}

function isOwnWish({ right, where }: ControlAttack, { recording }: AttackedCall): boolean {
  if (right === null) return false;
  return OWN_WISHES.has(right) || (right === 'deleteRecording' && where.includes(recording.id));
}

/** What is wrong with what came back, or null. */
function judge(each: ControlAttack, came: Exchange): { fault: string | null; outcome: string } {
  if (came.late) return { fault: `the connection was open after ${SLOW_LIMIT_MS} ms`, outcome: 'late' };
  if (came.rest !== '') return { fault: `no HTTP: ${came.rest.slice(0, 100)}`, outcome: 'no HTTP' };
  const [first] = came.answers;
  if (first === undefined) {
    return { fault: each.isBroken ? null : 'the connection ended without an answer', outcome: 'hung up' };
  }
  for (const answer of came.answers) {
    const fault = faultOf(each, answer);
    if (fault !== null) return { fault: `${answer.status}: ${fault}`, outcome: `${answer.status}` };
  }
  if (came.answers.length > 1 && !each.isBroken) return { fault: 'more than one answer', outcome: 'two answers' };
  return { fault: null, outcome: `${first.status}` };
}

function faultOf(each: ControlAttack, { status, headers, body }: RawAnswer): string | null {
  for (const name of headers.keys()) if (name.startsWith('access-control-')) return `it has ${name}`;
  if (status >= 500) return body.slice(0, 200);
  if (each.isBroken && status === 400 && body === 'Bad Request\n') return null;
  if (body === '' && each.where.startsWith('HEAD ')) return status >= 400 ? null : 'HEAD was taken';
  const envelope = parseUntrusted(
    z.union([controlErrorSchema, z.object({ success: z.literal(true), data: z.unknown(), message: z.string() })]),
    parsed(body),
  );
  if (!envelope.success) {
    if (each.right === 'openapi' && status === 200) return null;
    return `no envelope: ${body.slice(0, 100)}`;
  }
  if (!envelope.data.success) {
    const { code } = envelope.data.error;
    if (code === 'INTERNAL') return 'INTERNAL: nobody foresaw it';
    return status === ERROR_STATUS[code] ? null : `with ${code}`;
  }
  if (each.right === null) return isHealth(envelope.data.data) ? null : 'it was taken, and it is wrong';
  const route = controlRoutes[each.right];
  if (status !== route.status) return `not ${route.status}`;
  return parseUntrusted(route.data, envelope.data.data).success ? null : 'its data is not what the contract says';
}

/** What anybody may hear, whoever they say they are. */
function isHealth(data: unknown): boolean {
  return parseUntrusted(controlRoutes.health.data, data).success;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function healthy({ port }: ControlTarget, add: (failure: string) => void): Promise<number> {
  const text = `GET /health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`;
  const { answers, tookMs } = await exchange(port, Buffer.from(text), SLOW_LIMIT_MS);
  if (answers[0]?.status !== 200) add(`a healthy request was answered with ${answers[0]?.status ?? 'nothing'}`);
  return tookMs;
}

/** The recording is in the list or in the bin, and never in neither. */
async function stillListed(host: Person, id: string, add: (failure: string) => void): Promise<void> {
  const { recordings } = await host.ask('recording.list', {});
  const { bin } = await host.ask('retention.status', {});
  if (!recordings.some((each) => each.id === id) && !bin.some(({ recordingId }) => recordingId === id)) {
    add('the recording is neither in the list nor in the bin');
  }
}
