import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { scanSegmentFile } from '../../main/media/matroska/file-scan.ts';
import { MatroskaError } from '../../main/media/matroska/matroska-error.ts';
import { parseHead } from '../../main/media/matroska/segment-head.ts';
import { applyPlan, blocksOf, memoryReader, parseAll, seededRandom, writeSegment } from '../support/lanes.ts';

const person = writeSegment('matroska', [
  { lane: 'audio', name: 'audio-opus.webm', offsetMs: 0, startMs: 0 },
  { lane: 'video', name: 'video-h264.mkv', offsetMs: 37, startMs: 600 },
]);
const sound = writeSegment('webm', [{ lane: 'audio', name: 'audio-opus.webm', offsetMs: 0, startMs: 0 }]);
const mix = writeSegment('webm', [{ lane: 'av', name: 'mix-vp8.webm', offsetMs: 5, startMs: 0 }]);
const HEAD_BYTES = 4096;

async function recover(content: Uint8Array): Promise<Uint8Array> {
  const result = await scanSegmentFile(memoryReader(content));
  if (result.kind === 'unusable') throw result.error;
  return result.kind === 'finished' ? content : applyPlan(content, result.plan);
}

function frameKeys(content: Uint8Array): string[] {
  const items = parseAll([content]);
  for (const item of items) if (item.kind === 'broken') throw item.error;
  return blocksOf(items).map(({ trackNumber, timeMs, payload }) => `${trackNumber} ${timeMs} ${crc32(payload)}`);
}

function isPrefix(short: readonly string[], long: readonly string[]): boolean {
  return short.every((key, index) => key === long[index]);
}

const CLUSTER_ID = Uint8Array.of(0x1f, 0x43, 0xb6, 0x75);

function offsetsOf(content: Uint8Array, wanted: Uint8Array): number[] {
  const buffer = Buffer.from(content);
  const offsets: number[] = [];
  for (let at = buffer.indexOf(wanted); at !== -1; at = buffer.indexOf(wanted, at + 1)) offsets.push(at);
  return offsets;
}

function cuePositions(content: Uint8Array): number[] {
  const { layout } = parseHead(content);
  const [cuesAt] = offsetsOf(content.subarray(HEAD_BYTES), Uint8Array.of(0x1c, 0x53, 0xbb, 0x6b));
  const from = HEAD_BYTES + (cuesAt ?? 0);
  // CueClusterPosition: id f1, two or three bytes.
  return [2, 3].flatMap((length) =>
    offsetsOf(content.subarray(from), Uint8Array.of(0xf7, 0x81, 0x01, 0xf1, 0x80 | length)).map(
      (at) => layout.segmentDataStart + Buffer.from(content).readUIntBE(from + at + 5, length),
    ),
  );
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  return new Uint8Array([...a, ...b]);
}

describe('file scan', () => {
  test('finishes a file that lost its writer to the same bytes as Stop would have', async () => {
    for (const written of [person, sound, mix]) {
      expect(await recover(written.unfinished)).toEqual(written.finished);
      expect(await scanSegmentFile(memoryReader(written.unfinished))).toMatchObject({
        plan: { durationMs: written.plan.durationMs },
        damage: { droppedBytes: 0, holes: 0, hasSalvagedCluster: false },
      });
    }
  });

  test('finishes a file whose first sector was torn by a cut, anywhere but inside the digits of its duration', async () => {
    for (const { unfinished, finished } of [person, sound, mix]) {
      const { durationAt } = parseHead(finished).layout;
      for (let cutAt = 0; cutAt <= 512; cutAt += 1) {
        if (cutAt > durationAt + 3 && cutAt < durationAt + 11) continue;
        const torn = finished.slice();
        torn.set(unfinished.subarray(cutAt, 512), cutAt);
        expect(Buffer.compare(await recover(torn), finished), `torn at ${cutAt}`).toBe(0);
      }
    }
  });

  test('has nothing to do for a finished file, and says so after reading little of it', async () => {
    for (const written of [person, sound, mix]) {
      const reader = memoryReader(written.finished);
      expect(await scanSegmentFile(reader)).toMatchObject({ kind: 'finished', durationMs: written.plan.durationMs });
      expect(reader.reads()).toBe(2);
    }
  });

  test('finishes a file without a single frame', async () => {
    const head = person.unfinished.slice(0, HEAD_BYTES);
    const once = await recover(head);
    expect(once.length).toBe(HEAD_BYTES);
    expect(await scanSegmentFile(memoryReader(once))).toMatchObject({ kind: 'finished', durationMs: 0 });
  });

  test('from a file cut anywhere, keeps exactly the whole frames before the cut, and running it again changes nothing', async () => {
    const random = seededRandom(42);
    for (const written of [person, sound, mix]) {
      const all = frameKeys(written.unfinished);
      for (let round = 0; round < 120; round += 1) {
        const whole = round % 2 === 0 ? written.unfinished : written.finished;
        const cutAt = HEAD_BYTES + Math.floor(random() * (whole.length - HEAD_BYTES));
        const once = await recover(whole.slice(0, cutAt));
        const kept = frameKeys(once);
        expect(isPrefix(kept, all)).toBe(true);
        const wholeBefore = blocksOf(parseAll([written.unfinished.slice(0, cutAt)])).length;
        // A frame whose own last bytes are zeros cannot be told from a hole that a power cut left.
        expect(wholeBefore - kept.length).toBeLessThanOrEqual(1);
        expect((await scanSegmentFile(memoryReader(once))).kind).toBe('finished');
      }
    }
  });

  test('drops a tail of garbage or zeros and finishes to the same bytes as without it', async () => {
    const random = seededRandom(3);
    for (const written of [person, sound, mix]) {
      for (const base of [written.unfinished, written.finished]) {
        const garbage = Uint8Array.from({ length: 5000 }, () => Math.floor(random() * 256));
        expect(await recover(concat(base, garbage))).toEqual(written.finished);
        expect(await recover(concat(base, new Uint8Array(8192)))).toEqual(written.finished);
      }
    }
  });

  test('takes zeros inside the last cluster for frames that never reached the disk', async () => {
    for (let zeroBytes = 100; zeroBytes < 6000; zeroBytes += 173) {
      const torn = mix.unfinished.slice();
      torn.fill(0, torn.length - zeroBytes);
      const once = await recover(torn);
      const kept = frameKeys(once);
      expect(isPrefix(kept, frameKeys(mix.unfinished))).toBe(true);
      expect(kept.length).toBeGreaterThan(40);
      expect((await scanSegmentFile(memoryReader(once))).kind).toBe('finished');
    }
  });

  test('never throws away what lies behind a damaged place in the middle', async () => {
    const middle = Math.floor(mix.unfinished.length / 2);
    const damaged = mix.unfinished.slice();
    damaged.fill(0xa5, middle, middle + 6000);
    const result = await scanSegmentFile(memoryReader(damaged));
    if (result.kind !== 'unfinished') throw new Error(result.kind);
    expect(result.damage.holes).toBe(1);
    const once = applyPlan(damaged, result.plan);
    const before = frameKeys(mix.unfinished);
    expect(frameKeys(once).length).toBeGreaterThan(before.length * 0.6);
    expect(frameKeys(once).at(-1)).toBe(before.at(-1));
    expect((await scanSegmentFile(memoryReader(once))).kind).toBe('finished');
  });

  test('steps over a cluster whose size is damaged, and points no jump target at it', async () => {
    const clusterOffsets = offsetsOf(sound.unfinished, CLUSTER_ID);
    expect(clusterOffsets.length).toBeGreaterThan(8);
    const all = frameKeys(sound.unfinished).length;
    for (const offset of clusterOffsets.slice(0, -1)) {
      const damaged = sound.unfinished.slice();
      damaged[offset + 7] = (damaged[offset + 7] ?? 0) ^ 0x55;
      const once = await recover(damaged);
      expect(frameKeys(once).length).toBeGreaterThan(all - 15);
      for (const at of cuePositions(once)) expect(once.subarray(at, at + 4)).toEqual(CLUSTER_ID);
      expect((await scanSegmentFile(memoryReader(once))).kind).toBe('finished');
    }
  });

  test('comes to the same end when it is stopped between any two of its own steps', async () => {
    const torn = mix.unfinished.slice(0, mix.unfinished.length - 700);
    const result = await scanSegmentFile(memoryReader(torn));
    if (result.kind !== 'unfinished') throw new Error(result.kind);
    const { plan } = result;
    const wanted = applyPlan(torn, plan);
    const cut = { ...plan, append: new Uint8Array(0), patches: [] };
    expect(await recover(applyPlan(torn, cut))).toEqual(wanted);
    for (let appended = 1; appended <= plan.append.length; appended += 7) {
      const half = { ...plan, append: plan.append.slice(0, appended), patches: [] };
      expect(await recover(applyPlan(torn, half))).toEqual(wanted);
    }
    for (let patches = 0; patches <= plan.patches.length; patches += 1) {
      expect(await recover(applyPlan(torn, { ...plan, patches: plan.patches.slice(0, patches) }))).toEqual(wanted);
    }
  });

  test('calls a file unusable, with a typed error, when its head is cut, empty or somebody else’s', async () => {
    for (const content of [
      new Uint8Array(0),
      new Uint8Array(9000),
      person.unfinished.slice(0, 300),
      person.unfinished.slice(0, HEAD_BYTES - 1),
      new TextEncoder().encode('RIFF'.repeat(2000)),
    ]) {
      const result = await scanSegmentFile(memoryReader(content));
      expect(result.kind === 'unusable' && result.error instanceof MatroskaError).toBe(true);
    }
  });

  test('survives 2,000 files with flipped bytes: it ends, gives a file that is finished, or a typed error', async () => {
    const random = seededRandom(11);
    const files = [
      sound.unfinished,
      sound.finished,
      mix.unfinished.slice(0, 20_000),
      person.unfinished.slice(0, 20_000),
    ];
    let usable = 0;
    for (let round = 0; round < 2000; round += 1) {
      const damaged = (files[round % files.length] ?? sound.unfinished).slice();
      for (let flips = 1 + Math.floor(random() * 10); flips > 0; flips -= 1) {
        damaged[Math.floor(random() ** 2 * damaged.length)] = Math.floor(random() * 256);
      }
      const reader = memoryReader(damaged);
      const result = await scanSegmentFile(reader);
      if (reader.readBytes() > 40 * damaged.length) throw new Error(`${reader.readBytes()} bytes read`);
      if (result.kind === 'unusable') {
        if (!(result.error instanceof MatroskaError)) throw result.error;
        continue;
      }
      usable += 1;
      if (result.kind === 'finished') continue;
      const once = applyPlan(damaged, result.plan);
      const again = await scanSegmentFile(memoryReader(once));
      if (again.kind !== 'finished') throw new Error(`round ${round}: ${again.kind} after recovery`);
    }
    expect(usable).toBeGreaterThan(1000);
  });
});
