import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { AppError, assertNever } from '../../contract/errors.ts';
import type { RecordingId, TrackId } from '../../contract/ids.ts';
import { MAX_CHUNK_BYTES } from '../../contract/recording.ts';
import type { Chunk, Lane } from '../../contract/recording.ts';
import { createLaneParser } from '../../main/media/matroska/lane-parser.ts';
import type { LaneBlock } from '../../main/media/matroska/lane-parser.ts';
import { scanSegmentFile } from '../../main/media/matroska/file-scan.ts';
import { nodeIds } from '../../main/recording/node-clock.ts';
import type { Files, MediaJobs } from '../../main/recording/ports.ts';
import { blocksOf, loadLane, readAll, seededRandom } from '../support/lanes.ts';
import type { LaneName } from '../support/lanes.ts';
import { createLossyDisk } from '../support/lossy-disk.ts';
import { ADA, makeHarness, realJobs, start } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';
import { createFailures, failureOf, within } from './scenario.ts';
import type { Scenario } from './scenario.ts';

type Take = { source: 'camera' | 'mix'; lanes: readonly { lane: Lane; chunks: readonly Uint8Array[]; atMs: number }[] };
/** A chunk that is to be taken, and the noise that comes just before it. */
type Good = { lane: Lane; seq: number; bytes: Uint8Array; atMs: number; noise: Noise[] };
type Noise =
  | 'duplicate'
  | 'otherBytes'
  | 'tooEarly'
  | 'badSum'
  | 'tooLarge'
  | 'wrongLane'
  | 'wrongSegment'
  | 'wrongTrack'
  | 'wrongRecording';
const noises: readonly Noise[] = [
  'duplicate',
  'otherBytes',
  'tooEarly',
  'badSum',
  'tooLarge',
  'wrongLane',
  'wrongSegment',
  'wrongTrack',
  'wrongRecording',
];
/** What each kind of noise is answered with; null for the same ack again. */
const answers: Record<Noise, readonly (string | null)[]> = {
  duplicate: [null],
  otherBytes: [null],
  tooEarly: ['CHUNK_GAP'],
  badSum: ['CHUNK_CORRUPT'],
  tooLarge: ['CHUNK_TOO_LARGE'],
  wrongLane: ['INVALID_INPUT'],
  wrongSegment: ['SEGMENT_CLOSED'],
  wrongTrack: ['TRACK_UNKNOWN'],
  wrongRecording: ['RECORDING_NOT_FOUND'],
};
/** What a chunk with damage that its sum does not show may be answered with. */
const refusals = new Set(['MEDIA_UNREADABLE', 'SEGMENT_CLOSED']);
/** A sequence takes 3 ms. */
const LIMIT_MS = 10_000;
const tooLarge = new Uint8Array(MAX_CHUNK_BYTES + 1);
const tooLargeSum = crc32(tooLarge);

/**
 * Sends random sequences of chunks with every kind of disorder to a recorder over a disk in memory, and compares its files, byte
 * by byte, with those of a recorder that got the same chunks in order and nothing else.
 */
export const chunks: Scenario = async ({ seed, count, say }) => {
  const failures = createFailures();
  const figures = { identical: 0, refusedAndKept: 0, noiseChunks: 0, damagedInside: 0, acknowledged: 0 };
  const references = new Map<string, Promise<Result>>();
  for (let index = 0; index < count; index += 1) {
    const name = `sequence ${index} of seed ${seed}`;
    const random = seededRandom(seed * 1_000_003 + index);
    const plan = planSequence(random);
    figures.noiseChunks += plan.goods.reduce((sum, good) => sum + good.noise.length, 0);
    if (plan.isDamaged) figures.damagedInside += 1;
    try {
      const result = await within(LIMIT_MS, name, run(plan, random));
      const reference = await within(LIMIT_MS, name, referenceOf(references, plan));
      figures.acknowledged += result.acknowledged;
      for (const failure of result.failures) failures.add(`${name}: ${failure}`);
      for (const failure of compare(result, reference)) failures.add(`${name}: ${failure}`);
      if (result.refusal === null) figures.identical += 1;
      else figures.refusedAndKept += 1;
    } catch (error) {
      failures.add(failureOf(error));
    }
    if ((index + 1) % 500 === 0) say(`chunks ${index + 1}/${count}: ${failures.count()} failures`);
  }
  return { name: 'chunks', ok: failures.count() === 0, count, failures: failures.list(), figures };
};

type Plan = { key: string; source: Take['source']; lanes: readonly Lane[]; goods: readonly Good[]; isDamaged: boolean };

const media = (name: LaneName): readonly Uint8Array[] => loadLane(name).chunks;
const takes: readonly Take[] = [
  {
    source: 'camera',
    lanes: [
      { lane: 'audio', chunks: media('audio-opus.webm'), atMs: 260 },
      { lane: 'video', chunks: media('video-h264.mkv'), atMs: 270 },
    ],
  },
  {
    source: 'camera',
    lanes: [
      { lane: 'audio', chunks: media('audio-opus.webm'), atMs: 255 },
      { lane: 'video', chunks: media('video-vp8.webm'), atMs: 900 },
    ],
  },
  { source: 'camera', lanes: [{ lane: 'video', chunks: media('received-h264-resized.mkv'), atMs: 280 }] },
  { source: 'mix', lanes: [{ lane: 'av', chunks: media('mix-h264.mkv'), atMs: 260 }] },
  { source: 'mix', lanes: [{ lane: 'av', chunks: media('mix-vp8.webm'), atMs: 260 }] },
];

function planSequence(random: () => number): Plan {
  const pick = <T>(values: readonly T[]): T => {
    const value = values[Math.floor(random() * values.length)];
    if (value === undefined) throw new Error('Nothing to pick from.');
    return value;
  };
  const takeIndex = Math.floor(random() * takes.length);
  const take = takes[takeIndex] ?? pick(takes);
  const length = 2 + Math.floor(random() * 8);
  const disorder = random();
  const goods = take.lanes
    .flatMap(({ lane, chunks: all, atMs }) =>
      all.slice(0, length).map((bytes, seq) => {
        const noise: Noise[] = [];
        while (random() < disorder * 0.7 && noise.length < 5) noise.push(pick(noises));
        return { lane, seq, bytes, atMs: atMs + 250 * seq, noise };
      }),
    )
    .sort((a, b) => a.atMs - b.atMs);
  const isDamaged = random() < 0.4;
  if (!isDamaged) return { key: `${takeIndex}/${length}`, ...namedLanes(take), goods, isDamaged };
  const hurt = Math.floor(random() * goods.length);
  const damaged = goods.map((good, index) => (index === hurt ? { ...good, bytes: damage(good.bytes, random) } : good));
  return { key: '', ...namedLanes(take), goods: damaged, isDamaged };
}

function namedLanes({ source, lanes }: Take): { source: Take['source']; lanes: Lane[] } {
  return { source, lanes: lanes.map((each) => each.lane) };
}

/** The bytes of a recorder gone wrong: the sum over them will be right. */
function damage(bytes: Uint8Array, random: () => number): Uint8Array {
  const at = (): number => Math.floor(random() * bytes.length);
  const kind = Math.floor(random() * 6);
  if (kind === 0) return bytes.slice(0, at());
  if (kind === 1) return Uint8Array.from(bytes, () => Math.floor(random() * 256));
  if (kind === 2) return new Uint8Array(Buffer.concat([bytes, bytes.subarray(at())]));
  const copy = bytes.slice();
  if (kind === 3) copy.fill(0, at());
  else
    for (let flips = 0; flips < (kind === 4 ? 1 : 8); flips += 1) {
      // The first bytes are those that say what the others are.
      const place = random() < 0.5 ? at() : Math.floor(random() * Math.min(64, copy.length));
      copy[place] = (copy[place] ?? 0) ^ (1 << Math.floor(random() * 8));
    }
  return copy;
}

type Result = {
  files: ReadonlyMap<string, Uint8Array>;
  /** The code of the first refusal of a chunk that is in order. */
  refusal: string | null;
  acknowledged: number;
  failures: string[];
};

async function referenceOf(known: Map<string, Promise<Result>>, plan: Plan): Promise<Result> {
  const inOrder = { ...plan, goods: plan.goods.map((good) => ({ ...good, noise: [] })) };
  if (plan.key === '') return run(inOrder, seededRandom(0));
  const result = known.get(plan.key) ?? run(inOrder, seededRandom(0));
  known.set(plan.key, result);
  return result;
}

function compare(result: Result, reference: Result): string[] {
  if (result.refusal !== reference.refusal) {
    return [`it was answered with ${result.refusal ?? 'acks'}, the reference with ${reference.refusal ?? 'acks'}`];
  }
  const names = [...new Set([...result.files.keys(), ...reference.files.keys()])];
  return names.flatMap((name) => {
    const [mine, other] = [result.files.get(name), reference.files.get(name)];
    if (mine === undefined || other === undefined) return [`${name} is in one of the two only`];
    return Buffer.compare(mine, other) === 0 ? [] : [`${name} differs from the reference`];
  });
}

/** Records the chunks with their noise and gives what is in the folder of segments in the end. */
async function run(plan: Plan, random: () => number): Promise<Result> {
  const base = '/in-memory';
  const disk = createLossyDisk(base);
  const harness = await makeHarness({ folder: base, files: disk.files, jobs: memoryJobs(disk.files) });
  const { recordings, time } = harness;
  const { id: recordingId } = await start(harness);
  const { source } = plan;
  const participantId = source === 'mix' ? null : ADA;
  const participantName = source === 'mix' ? '' : 'Ada';
  const { trackId } = await recordings.openTrack({ recordingId, participantId, participantName, source });
  const { segment } = await recordings.openSegment({ recordingId, trackId, lanes: [...plan.lanes], atMs: 0 });
  const failures: string[] = [];
  const acknowledged = new Map<Lane, Uint8Array[]>();
  const pending: Promise<void>[] = [];
  let refusal: string | null = null;
  let count = 0;
  const zeroMs = time.nowMs();

  const send = async (chunk: Chunk): Promise<string | null> => {
    try {
      const ack = await recordings.append(chunk);
      return ack.seq === chunk.seq ? null : `ack of ${ack.seq}`;
    } catch (error) {
      return error instanceof AppError ? error.code : `an untyped ${String(error)}`;
    }
  };
  const sendGood = async (good: Good, chunk: Chunk): Promise<void> => {
    const answer = await send(chunk);
    if (answer === null) {
      count += 1;
      acknowledged.set(good.lane, [...(acknowledged.get(good.lane) ?? []), good.bytes]);
    } else {
      refusal ??= answer;
      if (!plan.isDamaged || !refusals.has(answer)) failures.push(`a chunk in order was refused with ${answer}`);
    }
  };
  const sendNoise = async (noise: Noise, good: Good, chunk: Chunk): Promise<void> => {
    const answer = await send(noisy(noise, chunk, random));
    // Of the first chunk there is none before it to be sent again.
    const isFirst = good.seq === 0 && (noise === 'duplicate' || noise === 'otherBytes');
    const isExpected =
      isFirst || answers[noise].includes(answer) || (refusal !== null && answer !== null && refusals.has(answer));
    if (!isExpected) failures.push(`${noise} was answered with ${answer ?? 'an ack'}`);
  };

  for (const good of plan.goods) {
    time.advanceTo(zeroMs + good.atMs);
    await nextTurn();
    const { lane, seq, bytes, atMs } = good;
    const chunk: Chunk = { recordingId, trackId, segment, lane, seq, crc32: crc32(bytes), atMs, bytes: bytes.slice() };
    for (const noise of good.noise) {
      if (seq === 0 && (noise === 'duplicate' || noise === 'otherBytes')) continue;
      const sent = sendNoise(noise, good, chunk);
      if (random() < 0.5) pending.push(sent);
      else if (noise !== 'duplicate' && noise !== 'otherBytes') await sent;
      else pending.push(sent);
    }
    pending.push(sendGood(good, chunk));
  }
  time.advance(1_000);
  await nextTurn();
  await closeAndStop(harness, recordingId, trackId, segment);
  await Promise.all(pending);
  for (const good of plan.goods.slice(0, 3)) {
    const { lane, seq, bytes, atMs } = good;
    const late: Chunk = { recordingId, trackId, segment, lane, seq, crc32: crc32(bytes), atMs, bytes: bytes.slice() };
    const answer = await send(late);
    if (answer !== 'RECORDING_NOT_RUNNING')
      failures.push(`a chunk after the end was answered with ${answer ?? 'an ack'}`);
  }
  const folder = recordings.get({ recordingId }).folder;
  const files = new Map(
    [...disk.image()].flatMap(([path, bytes]) =>
      bytes !== null && path.startsWith(join(folder, 'segments/')) ? [[path.slice(folder.length), bytes] as const] : [],
    ),
  );
  failures.push(...lostFrames(acknowledged, files));
  await recordings.close({ limitMs: 0 }).catch(() => undefined);
  return { files, refusal, acknowledged: count, failures };
}

async function closeAndStop(
  harness: Harness,
  recordingId: RecordingId,
  trackId: TrackId,
  segment: number,
): Promise<void> {
  const { recordings, time } = harness;
  await recordings.closeSegment({ recordingId, trackId, segment, reason: 'stopped' });
  await recordings.stop({ recordingId });
  time.advance(2_500);
  await recordings.settled({ recordingId });
}

function noisy(noise: Noise, chunk: Chunk, random: () => number): Chunk {
  const before = { ...chunk, seq: Math.max(0, chunk.seq - 1 - Math.floor(random() * 3)) };
  switch (noise) {
    case 'duplicate':
      return before;
    case 'otherBytes':
      return { ...before, bytes: Uint8Array.of(1, 2, 3), crc32: 7 };
    case 'tooEarly':
      return { ...chunk, seq: chunk.seq + 1 + Math.floor(random() * 3) };
    case 'badSum': {
      const bytes = chunk.bytes.slice();
      const at = Math.floor(random() * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes.length === 0 ? { ...chunk, crc32: chunk.crc32 ^ 1 } : { ...chunk, bytes };
    }
    case 'tooLarge':
      return { ...chunk, bytes: tooLarge, crc32: tooLargeSum };
    case 'wrongLane':
      return { ...chunk, lane: chunk.lane === 'av' ? 'audio' : 'av' };
    case 'wrongSegment':
      return { ...chunk, segment: chunk.segment + 1 + Math.floor(random() * 3) };
    case 'wrongTrack':
      return { ...chunk, trackId: nodeIds.next() as TrackId };
    case 'wrongRecording':
      return { ...chunk, recordingId: nodeIds.next() as RecordingId };
    default:
      return assertNever(noise);
  }
}

/** Frames of acknowledged chunks that are not in the files, lane by lane. */
function lostFrames(
  acknowledged: ReadonlyMap<Lane, readonly Uint8Array[]>,
  files: ReadonlyMap<string, Uint8Array>,
): string[] {
  const saved = new Set<string>();
  for (const bytes of files.values()) for (const block of framesIn(bytes)) saved.add(keyOf(block));
  return [...acknowledged].flatMap(([lane, chunks]) => {
    const missing = blocksOf(readAll(chunks)).filter((block) => !saved.has(keyOf(block)));
    return missing.length === 0
      ? []
      : [`${missing.length} frames of acknowledged chunks of ${lane} are not in the file`];
  });
}

function framesIn(bytes: Uint8Array): LaneBlock[] {
  return blocksOf(createLaneParser().push(bytes));
}

function keyOf(block: LaneBlock): string {
  return `${block.payload.length}/${crc32(block.payload)}`;
}

/** A probe that reads the files in memory by the app's own scan, and no results: FFmpeg has no part in this. */
function memoryJobs(files: Files): MediaJobs {
  return {
    ...realJobs(),
    probe: async (path) => {
      const file = await files.open(path);
      const sizeBytes = await file.sizeBytes();
      const scan = await scanSegmentFile({ sizeBytes, read: (offset, length) => file.read(offset, length) });
      if (scan.kind !== 'finished') throw new AppError('RESULT_INVALID', 'It is not finished.');
      const has = (type: string): boolean => scan.tracks.some((track) => track.type === type);
      return { durationMs: scan.durationMs, hasVideo: has('video'), hasAudio: has('audio'), sizeBytes };
    },
    thumbnails: async () => [],
  };
}
