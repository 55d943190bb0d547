import { describe, expect, test } from 'vitest';
import type { Chapter } from '../../main/media/chapters/chapter-list.ts';
import { planMp4Chapters } from '../../main/media/chapters/mp4-plan.ts';
import { box } from '../../main/media/chapters/nero-chapters.ts';
import { applySteps, stoppedAnywhere } from '../support/chapter-files.ts';
import { memoryReader, seededRandom } from '../support/lanes.ts';

const ftyp = box('ftyp', new Uint8Array(24));
const mdat = box('mdat', Uint8Array.of(1, 2, 3, 4));
const trak = (bytes: number): Uint8Array => box('trak', new Uint8Array(bytes).fill(7));
const udta = box('udta', box('meta', new Uint8Array(82)));
const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const file = (...moov: Uint8Array[]): Uint8Array => join(ftyp, mdat, box('moov', ...moov));

const plain = file(trak(900), udta);
const bare = file(trak(900));
const three: Chapter[] = [
  { atMs: 0, name: 'Welcome' },
  { atMs: 1000, name: 'Demo' },
  { atMs: 2000, name: 'x'.repeat(200) },
];
const one: Chapter[] = [{ atMs: 10, name: 'Only' }];

async function withChapters(content: Uint8Array, chapters: readonly Chapter[]): Promise<Uint8Array> {
  const plan = await planMp4Chapters(memoryReader(content), chapters);
  const bytes = applySteps(content, plan.steps);
  expect(bytes.length).toBe(plan.sizeBytes);
  return bytes;
}

async function refusal(content: Uint8Array): Promise<unknown> {
  return planMp4Chapters(memoryReader(content), one).then(
    () => null,
    (error: unknown) => error,
  );
}

/** The boxes of a file by name, as a strict reader sees them; throws where one does not fit into its parent. */
function outline(bytes: Uint8Array): string {
  const names: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const size = Buffer.from(bytes).readUInt32BE(at);
    const name = Buffer.from(bytes.subarray(at + 4, at + 8)).toString();
    if (size < 8 || at + size > bytes.length) throw new Error(`${name} at ${at} has ${size} bytes`);
    const isParent = name === 'moov' || name === 'udta';
    names.push(isParent ? `${name}(${outline(bytes.subarray(at + 8, at + size))})` : name);
    at += size;
  }
  return names.join(' ');
}

describe('chapters of an MP4', () => {
  test('are the last bytes of the file, in the udta that was there or in a new one', async () => {
    expect(outline(await withChapters(plain, three))).toBe('ftyp mdat moov(trak udta(meta chpl free))');
    expect(outline(await withChapters(bare, three))).toBe('ftyp mdat moov(trak udta(chpl free))');
  });

  test('can be replaced and taken out: the list alone decides about the bytes', async () => {
    for (const content of [plain, bare, file(trak(5), udta)]) {
      const fresh = await withChapters(content, one);
      expect(await withChapters(await withChapters(content, three), one)).toEqual(fresh);
      expect(await withChapters(fresh, [])).toEqual(content);
    }
  });

  test('are not written again when they are there', async () => {
    for (const content of [plain, bare]) {
      const done = await withChapters(content, three);
      expect(await planMp4Chapters(memoryReader(done), three)).toEqual({ steps: [], sizeBytes: done.length });
      expect((await planMp4Chapters(memoryReader(content), [])).steps).toEqual([]);
    }
  });

  test('stopped after any byte, the media and its index are whole, and doing it again ends in the same bytes', async () => {
    for (const content of [plain, bare]) {
      for (const [before, chapters] of [
        [content, three],
        [await withChapters(content, one), three],
        [await withChapters(content, three), []],
      ] as const) {
        const plan = await planMp4Chapters(memoryReader(before), chapters);
        const wanted = applySteps(before, plan.steps);
        let states = 0;
        for (const state of stoppedAnywhere(before, plan)) {
          states += 1;
          const [moovAt, moovBytes] = [
            ftyp.length + mdat.length,
            Buffer.from(state).readUInt32BE(ftyp.length + mdat.length),
          ];
          expect(outline(state.subarray(0, moovAt + moovBytes))).toMatch(/^ftyp mdat moov\(trak/);
          expect(await withChapters(state, chapters)).toEqual(wanted);
          expect(await withChapters(state, [])).toEqual(content);
        }
        expect(states).toBeGreaterThan(plan.steps.length);
      }
    }
  });

  test('every change of what was there before is a single byte, whatever the size of the index', async () => {
    const random = seededRandom(7);
    for (let round = 0; round < 300; round += 1) {
      const content = file(trak(Math.floor(random() * 140_000)), udta);
      const plan = await planMp4Chapters(memoryReader(content), three);
      const patches = plan.steps.flatMap((step) =>
        step.kind === 'write' && step.offset < content.length ? [step] : [],
      );
      expect(patches.map((patch) => patch.bytes.length)).toEqual([1, 1]);
      expect(outline(applySteps(content, plan.steps))).toBe('ftyp mdat moov(trak udta(meta chpl free))');
    }
  });

  test('a file of 6 GB is read in a few places only', async () => {
    const mdatBytes = 6 * 1024 ** 3;
    const large = new Uint8Array(16);
    const view = new DataView(large.buffer);
    view.setUint32(0, 1);
    large.set(new TextEncoder().encode('mdat'), 4);
    view.setBigUint64(8, BigInt(mdatBytes));
    const moov = box('moov', trak(900), udta);
    const moovAt = ftyp.length + mdatBytes;
    let readBytes = 0;
    const reader = {
      sizeBytes: moovAt + moov.length,
      read: (offset: number, length: number) => {
        readBytes += length;
        if (offset >= moovAt) return Promise.resolve(moov.subarray(offset - moovAt, offset - moovAt + length));
        if (offset >= ftyp.length)
          return Promise.resolve(large.subarray(offset - ftyp.length, offset - ftyp.length + length));
        return Promise.resolve(ftyp.subarray(offset, offset + length));
      },
    };
    const plan = await planMp4Chapters(reader, three);
    expect(plan.steps[0]).toMatchObject({ kind: 'write', offset: reader.sizeBytes });
    expect(readBytes).toBeLessThan(4096);
  });

  test('a file that is not one of ours is refused with the reason, before anything is planned', async () => {
    const moov = box('moov', trak(9), udta);
    const cases: [Uint8Array, string][] = [
      [join(ftyp, moov, mdat), 'layout'],
      [join(ftyp, mdat), 'unfinished'],
      [join(ftyp, mdat, box('moof', trak(9)), moov), 'layout'],
      [file(trak(9), box('mvex', trak(9))), 'layout'],
      [file(udta, trak(9)), 'layout'],
      [file(trak(9), box('udta')), 'layout'],
      [file(trak(9), box('udta', box('chpl'), box('meta'))), 'layout'],
      [join(plain, mdat), 'unknown'],
      [plain.subarray(0, -1), 'cut'],
      [ftyp, 'unfinished'],
      [new Uint8Array(0), 'unfinished'],
      [new Uint8Array(4000).fill(0x41), 'cut'],
    ];
    for (const [content, reason] of cases) {
      expect(await refusal(content)).toMatchObject({ name: 'MediaError', code: 'RESULT_INVALID', details: { reason } });
    }
  });

  test('2,000 files with flipped bytes give a plan or a typed error, and no plan touches the media', async () => {
    const random = seededRandom(11);
    const done = await withChapters(plain, three);
    for (let round = 0; round < 2000; round += 1) {
      const bytes = done.slice();
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      const result = await planMp4Chapters(memoryReader(bytes), one).catch((error: Error) => error);
      if (result instanceof Error) expect(result).toMatchObject({ name: 'MediaError' });
      else
        for (const step of result.steps) {
          const from = step.kind === 'truncate' ? step.sizeBytes : step.offset;
          expect(from).toBeGreaterThanOrEqual(ftyp.length + mdat.length);
        }
    }
  });
});
