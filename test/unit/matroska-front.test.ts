import { expect, test } from 'vitest';
import { ID, concatBytes, element, floatElement, textElement, uintElement } from '../../main/media/matroska/ebml.ts';
import { readMatroskaFront } from '../../main/media/matroska-front.ts';
import type { MatroskaFront } from '../../main/media/matroska-front.ts';

const ebml = element(ID.ebml, textElement(ID.docType, 'matroska'));
const info = element(ID.info, uintElement(ID.timestampScale, 1_000_000), floatElement(ID.duration, 5000));
const block = (relativeTicks: number): Uint8Array => {
  const body = new Uint8Array([0x81, 0, 0, 0x80, 1, 2, 3]);
  new DataView(body.buffer).setInt16(1, relativeTicks);
  return body;
};
const cluster = (ticks: number, ...blocks: number[]): Uint8Array =>
  element(ID.cluster, uintElement(ID.timestamp, ticks), ...blocks.map((at) => element(ID.simpleBlock, block(at))));

function front(bytes: Uint8Array): Promise<MatroskaFront | null> {
  return readMatroskaFront(async (at, length) => bytes.subarray(at, at + length), bytes.byteLength);
}
const file = (...parts: Uint8Array[]): Uint8Array => concatBytes([ebml, element(ID.segment, ...parts)]);

test('the start is the earliest of the first blocks', async () => {
  expect(await front(file(info, cluster(1000, 40, 20, 60), cluster(0, 0)))).toEqual({ startMs: 1020 });
});

test('a block in a group counts, and a time before its cluster too', async () => {
  const group = element(ID.blockGroup, element(ID.block, block(-30)));
  const first = element(ID.cluster, uintElement(ID.timestamp, 100), group);
  expect(await front(file(info, first))).toEqual({ startMs: 70 });
});

test('the unit of time is the one of the file', async () => {
  const microseconds = element(ID.info, uintElement(ID.timestampScale, 1000));
  expect(await front(file(microseconds, cluster(5000, 0)))).toEqual({ startMs: 5 });
});

test('a file without any block starts at zero and another format is no Matroska', async () => {
  expect(await front(file(info))).toEqual({ startMs: 0 });
  expect(await front(new TextEncoder().encode('....ftypisom'))).toBeNull();
  expect(await front(new Uint8Array())).toBeNull();
});

const zeros = new Uint8Array(100);
test.each([
  ['zeros where a cluster should begin', file(info, zeros)],
  ['an element that belongs elsewhere', file(info, uintElement(ID.timestamp, 5), cluster(0, 0))],
  ['bytes behind the segment', concatBytes([file(info, cluster(0, 0)), zeros])],
  ['an end inside the head', file(info, cluster(0, 0)).subarray(0, ebml.byteLength + 12)],
  ['no segment', concatBytes([ebml, zeros])],
  ['endless small elements', file(...Array.from({ length: 65 }, () => element(ID.void, new Uint8Array(1))))],
  ['a time unit of zero', file(element(ID.info, uintElement(ID.timestampScale, 0)), cluster(0, 0))],
])('%s is refused', async (_name, bytes) => {
  await expect(front(bytes)).rejects.toThrow();
});

test('chapters whose writing was cut may stand behind the segment, and nothing else', async () => {
  const whole = file(info, cluster(0, 0));
  const chapters = element(ID.chapters, new Uint8Array(40));
  for (let bytes = 0; bytes <= chapters.length; bytes += 1) {
    expect(await front(concatBytes([whole, chapters.subarray(0, bytes)]))).toEqual({ startMs: 0 });
  }
  await expect(front(concatBytes([whole, new Uint8Array(40)]))).rejects.toThrow('behind the segment');
});
