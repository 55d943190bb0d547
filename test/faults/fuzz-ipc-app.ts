import { crc32 } from 'node:zlib';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { chunkSchema } from '../../contract/recording.ts';
import { requests } from '../../contract/requests.ts';
import type { Settings } from '../../contract/settings.ts';
import { fittingValue, hostileInput, seededUuid, type Known } from '../support/fuzz-values.ts';
import { hostileValue, pick, type Random } from '../support/hostile-values.ts';
import { seededRandom } from '../support/lanes.ts';
import { shapeOf } from '../support/schema-shape.ts';
import type { AttackedCall } from './attacked-call.ts';
import { wentOn, withAttackedCall } from './attacked-process.ts';
import { isRequestName, isUnderstood, judgeAnswer, REQUEST_NAMES, shown } from './fuzz-judge.ts';
import { createFailures, within } from './scenario.ts';

const ANSWER_LIMIT_MS = 20_000;
const CHUNKS_FED = 120;
const OF_THE_CAPTURING_WINDOW: ReadonlySet<string> = new Set([
  'recording.stop',
  'recording.pause',
  'recording.delete',
  'recording.attach',
  'recording.openSegment',
  'recording.closeSegment',
]);

const shapes = new Map(REQUEST_NAMES.map((name) => [name, shapeOf(requests[name].input)]));

export type IpcFuzzReport = {
  failures: string[];
  requests: number;
  outcomes: Record<string, number>;
  heapGrowthMb: number;
  answerMsMax: number;
};

/** One request nearly as the contract has it, or of a name that it has not. */
export function fuzzedRequest(random: Random, index: number, known: Known): { name: unknown; input: unknown } {
  const options = { random, known, carrier: 'clone' as const };
  if (index % 20 === 19) {
    const strange = ['toString', '__proto__', 'constructor', 'recording', 'call.create ', 'CALL.END', 'hasOwnProperty'];
    const name = random() < 0.5 ? pick(random, strange) : hostileValue(random, 'clone');
    return { name, input: random() < 0.5 ? {} : hostileValue(random, 'clone') };
  }
  const name = REQUEST_NAMES[index % REQUEST_NAMES.length] ?? 'app.environment';
  const shape = shapes.get(name) ?? { kind: 'anything' as const };
  return { name, input: random() < 0.06 ? fittingValue(shape, options) : hostileInput(shape, options) };
}

/**
 * Whether a request is a right one that would end, or take over, what the trial goes on with. Such a one is no attack: it is what
 * the person at the window may do.
 */
export function isOwnWish(
  name: unknown,
  input: unknown,
  live: { recordingId: string | null; keep: string[] },
): boolean {
  if (!isRequestName(name) || !isUnderstood(name, input)) return false;
  const text: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, 'recordingId') : undefined;
  const isLive = text === live.recordingId;
  if (name === 'call.leave' || name === 'call.end') return live.recordingId !== null;
  if (name === 'call.remove') return live.keep.includes(String(Reflect.get(Object(input) as object, 'participantId')));
  if (name === 'recording.append') {
    const chunk = parseUntrusted(chunkSchema, input);
    return isLive && chunk.success && crc32(chunk.data.bytes) === chunk.data.crc32;
  }
  return isLive && OF_THE_CAPTURING_WINDOW.has(name);
}

/** Fuzzes the router of an app without a window: most of it while a call is recorded, the rest when all is over. */
export async function fuzzAppWithoutWindow(
  seed: number,
  count: number,
  say: (line: string) => void,
): Promise<IpcFuzzReport> {
  const failures = createFailures();
  const outcomes: Record<string, number> = {};
  let answerMsMax = 0;
  let asked = 0;
  const heapGrowthMb = await withAttackedCall(`seed ${seed}`, failures.add, async (scene) => {
    const { host, recording } = scene;
    await host.ask('settings.update', QUIET_SETTINGS);
    const baseline = await host.ask('settings.get', {});
    const random = seededRandom(seed);
    const known = await knownIn(scene, random);
    const send = async (index: number, live: Parameters<typeof isOwnWish>[2]): Promise<void> => {
      const request = fuzzedRequest(random, index, known);
      const { name, input } = structuredClone(request);
      if (isOwnWish(name, input, live)) {
        outcomes['own wish, not sent'] = (outcomes['own wish, not sent'] ?? 0) + 1;
        return;
      }
      const where = `request ${index} of seed ${seed}: ${shown(name)} ${shown(input)}`;
      const sinceMs = performance.now();
      try {
        const answer = await within(ANSWER_LIMIT_MS, 'the answer', host.raw(name, input));
        const { fault, outcome } = judgeAnswer(name, input, answer);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        if (fault !== null) failures.add(`${where}: ${fault}`);
        // What it set is its good right; the trial goes on as it began.
        if (name === 'settings.update' && answer.ok) await host.ask('settings.update', baseline);
      } catch (error) {
        failures.add(`${where}: ${error instanceof Error ? error.message : String(error)}`);
      }
      answerMsMax = Math.max(answerMsMax, performance.now() - sinceMs);
      asked += 1;
    };
    const live = { recordingId: recording.id, keep: [scene.guestCall.selfId] };
    const whileRecording = Math.floor(count * 0.8);
    const feedEvery = Math.max(1, Math.floor(whileRecording / CHUNKS_FED));
    for (let index = 0; index < whileRecording; index += 1) {
      if (index % feedEvery === 0) await scene.feed();
      await send(index, live);
    }
    say(`fuzz-ipc: ${whileRecording} requests while ${scene.fedChunks()} chunks were recorded`);
    await wentOn(scene, `seed ${seed}`, failures.add);
    for (let index = whileRecording; index < count; index += 1) await send(index, { recordingId: null, keep: [] });
    await gone(scene, failures.add);
  });
  return { failures: failures.list(), requests: asked, outcomes, heapGrowthMb, answerMsMax };
}

/** A bucket that answers nobody, on this machine, and nothing that goes there by itself. */
const QUIET_SETTINGS: Partial<Settings> = {
  cloudProvider: 's3',
  cloudBucket: 'none',
  cloudEndpoint: 'http://127.0.0.1:9',
  cloudAutomatic: false,
  retentionPolicy: 'forever',
};

async function knownIn(scene: AttackedCall, random: Random): Promise<Known> {
  const { host, call, guestCall, recording, trackId, segment } = scene;
  const marker = await host.ask('recording.addMarker', { recordingId: recording.id });
  const stranger = seededUuid(random);
  return {
    recordingId: [recording.id, recording.id, recording.id, stranger, call.id],
    trackId: [trackId, trackId, recording.id, stranger],
    participantId: [call.selfId, guestCall.selfId, null, stranger],
    markerId: [marker.id, stranger],
    deliverableId: [null, stranger, trackId],
    link: [call.inviteLink, `${call.inviteLink}x`, call.inviteLink.replace('join', 'gone')],
    segment: [segment, 1, 0],
    lane: ['av', 'audio'],
    lanes: [['av'], ['audio', 'video'], ['av', 'av'], ['audio', 'audio']],
    entry: [null, `${recording.id}.1.recording`, `${recording.id}.${Date.now()}.media`, '..', '.', ''],
    file: ['deliverables/mix.mkv', '../journal.jsonl', 'journal.jsonl'],
    crc32: [0, 1],
    cloudEndpoint: ['http://127.0.0.1:9'],
    signalingListenHost: ['127.0.0.1'],
  };
}

/** Whether a recording that the second part deleted is in the bin, as the contract has it, or still in the list. */
async function gone({ host, recording }: AttackedCall, add: (failure: string) => void): Promise<void> {
  const { recordings } = await host.ask('recording.list', {});
  const { bin } = await host.ask('retention.status', {});
  const isListed = recordings.some(({ id }) => id === recording.id);
  const isBinned = bin.some(({ recordingId }) => recordingId === recording.id);
  // Emptying the bin is a wish like any other; only a recording in both places, or a listed one without its folder, is a fault.
  if (isListed && isBinned) add('the recording is in the list and in the bin');
}
