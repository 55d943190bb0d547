import { expect, test } from 'vitest';
import { compareParts } from '../../main/cloud/send-parts.ts';

const object = { sizeBytes: 35, partBytes: 10 };
const known = (part: number, sizeBytes = 10, etag = `e${part}`) => ({ part, sizeBytes, etag, sha256Hex: 'x' });
const there = (number: number, sizeBytes = 10, etag = `e${number}`) => ({ number, sizeBytes, etag });
const missingOf = (journal: ReturnType<typeof known>[], parts: ReturnType<typeof there>[]): number[] =>
  compareParts(object, journal, { kind: 'parts', parts }).missing.map(({ number }) => number);

test('what the server has and the journal knows is not sent again', () => {
  const result = compareParts(object, [known(1), known(4, 5)], { kind: 'parts', parts: [there(1), there(4, 5)] });
  expect(result.missing).toEqual([
    { number: 2, skipBytes: 0 },
    { number: 3, skipBytes: 0 },
  ]);
  expect(result.has).toEqual([there(1), there(4, 5)]);
});

test('the server is believed when it lacks what the journal has', () => {
  expect(missingOf([known(1), known(2), known(3)], [there(2)])).toEqual([1, 3, 4]);
});

test('a part of another size, another content, or that the journal does not know is sent again', () => {
  expect(missingOf([known(1)], [there(1, 9)])).toEqual([1, 2, 3, 4]);
  expect(missingOf([known(1)], [there(1, 10, 'other')])).toEqual([1, 2, 3, 4]);
  expect(missingOf([], [there(1), there(2)])).toEqual([1, 2, 3, 4]);
  // Where a server gives its parts no names, sizes decide and the content is compared at the end.
  expect(missingOf([known(1)], [there(1, 10, '')])).toEqual([2, 3, 4]);
});

test('an offset in the middle of a part leaves the rest of it to be sent', () => {
  const { missing, has } = compareParts(object, [known(1)], { kind: 'offset', receivedBytes: 24 });
  expect(missing).toEqual([
    { number: 3, skipBytes: 4 },
    { number: 4, skipBytes: 0 },
  ]);
  expect(has.map(({ number }) => number)).toEqual([1, 2]);
  expect(compareParts(object, [], { kind: 'offset', receivedBytes: 35 }).missing).toEqual([]);
});
