import { describe, expect, test } from 'vitest';
import type { Chapter } from '../../main/media/chapters/chapter-list.ts';
import { planMatroskaChapters } from '../../main/media/chapters/matroska-plan.ts';
import { scanSegmentFile } from '../../main/media/matroska/file-scan.ts';
import { concatBytes, element, ID, textElement, uintElement, voidElement } from '../../main/media/matroska/ebml.ts';
import { applySteps, stoppedAnywhere } from '../support/chapter-files.ts';
import { applyPlan, memoryReader, writeSegment } from '../support/lanes.ts';

const person = writeSegment('matroska', [
  { lane: 'audio', name: 'audio-opus.webm', offsetMs: 0, startMs: 0 },
  { lane: 'video', name: 'video-h264.mkv', offsetMs: 37, startMs: 600 },
]);
const mix = writeSegment('webm', [{ lane: 'av', name: 'mix-vp8.webm', offsetMs: 5, startMs: 0 }]);
const DURATION_MS = 3000;
const three: Chapter[] = [
  { atMs: 0, name: 'Welcome' },
  { atMs: 1000, name: 'Demo 🎬' },
  { atMs: 1000, name: '' },
];
const one: Chapter[] = [{ atMs: 10, name: 'Only' }];

async function withChapters(content: Uint8Array, chapters: readonly Chapter[]): Promise<Uint8Array> {
  const plan = await planMatroskaChapters(memoryReader(content), chapters, DURATION_MS);
  const bytes = applySteps(content, plan.steps);
  expect(bytes.length).toBe(plan.sizeBytes);
  return bytes;
}

async function refusal(content: Uint8Array): Promise<unknown> {
  return planMatroskaChapters(memoryReader(content), one, DURATION_MS).then(
    () => null,
    (error: unknown) => error,
  );
}

describe('chapters of a Matroska file', () => {
  test('can be replaced and taken out: the list alone decides about the bytes', async () => {
    for (const { finished } of [person, mix]) {
      const fresh = await withChapters(finished, one);
      expect(await withChapters(await withChapters(finished, three), one)).toEqual(fresh);
      expect(await withChapters(fresh, [])).toEqual(finished);
    }
  });

  test('are not written again when they are there', async () => {
    const done = await withChapters(person.finished, three);
    expect(await planMatroskaChapters(memoryReader(done), three, DURATION_MS)).toEqual({
      steps: [],
      sizeBytes: done.length,
    });
    expect((await planMatroskaChapters(memoryReader(mix.finished), [], DURATION_MS)).steps).toEqual([]);
  });

  test('leave a scan of the file with the same facts, and nothing to finish', async () => {
    for (const { finished } of [person, mix]) {
      const before = await scanSegmentFile(memoryReader(finished));
      const after = await scanSegmentFile(memoryReader(await withChapters(finished, three)));
      expect(before.kind).toBe('finished');
      expect(after).toEqual(before);
    }
  });

  test('stopped anywhere, doing it again ends in the same bytes, and a scan in the file without them, with nothing lost', async () => {
    for (const { finished } of [person, mix]) {
      for (const [before, chapters] of [
        [finished, three],
        [await withChapters(finished, one), three],
        [await withChapters(finished, three), []],
      ] as const) {
        const plan = await planMatroskaChapters(memoryReader(before), chapters, DURATION_MS);
        const wanted = applySteps(before, plan.steps);
        for (const state of stoppedAnywhere(before, plan)) {
          expect(await withChapters(state, chapters)).toEqual(wanted);
          const scan = await scanSegmentFile(memoryReader(state));
          if (scan.kind !== 'unfinished') continue;
          expect(applyPlan(state, scan.plan)).toEqual(finished);
          // Less than the head of a Chapters element cannot be told from garbage.
          expect(scan.damage.droppedBytes).toBeLessThan(12);
        }
      }
    }
  });

  test('read little of the file', async () => {
    const reader = memoryReader(person.finished);
    await planMatroskaChapters(reader, three, DURATION_MS);
    expect(reader.readBytes()).toBeLessThan(2048);
  });

  test('keep the checksum of a seek head right, and its length field as long as it was', async () => {
    // As FFmpeg writes it: a checksum first, then the entries, then a gap.
    const ebml = element(ID.ebml, textElement(ID.docType, 'matroska'));
    const entry = element(ID.seek, uintElement(ID.seekId, ID.info), uintElement(ID.seekPosition, 200));
    const sum = Uint8Array.of(0x78, 0x56, 0x34, 0x12);
    const seekHead = element(ID.seekHead, element(ID.crc32, sum), entry);
    const body = concatBytes([seekHead, voidElement(60), element(ID.info, new Uint8Array(900))]);
    const size = new Uint8Array(12);
    size.set([0x18, 0x53, 0x80, 0x67, 0x01]);
    new DataView(size.buffer).setUint32(8, body.length);
    const content = concatBytes([ebml, size, body]);
    const taken = await withChapters(await withChapters(content, one), []);
    const crcAt = ebml.length + 12 + 5 + 2;
    // zlib's crc32 of the entry, little-endian; everything else is as before.
    expect(Buffer.from(taken.subarray(crcAt, crcAt + 4)).toString('hex')).toBe('b6737e8e');
    expect(applySteps(taken, [{ kind: 'write', offset: crcAt, bytes: sum }])).toEqual(content);
  });

  test('a file that is not finished, cut, or of another layout is refused with the reason', async () => {
    const behind = concatBytes([mix.finished, Uint8Array.of(0x1f, 0x43, 0xb6, 0x75)]);
    const cases: [Uint8Array, string][] = [
      [mix.unfinished, 'unfinished'],
      [mix.finished.subarray(0, -1), 'cut'],
      [behind, 'unknown'],
      [mix.finished.subarray(0, 30), 'layout'],
      [concatBytes([element(ID.ebml), element(ID.segment, element(ID.info))]), 'layout'],
    ];
    for (const [content, reason] of cases) {
      expect(await refusal(content)).toMatchObject({ name: 'MediaError', code: 'RESULT_INVALID', details: { reason } });
    }
  });
});
