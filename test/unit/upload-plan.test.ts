import { expect, test } from 'vitest';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { Deliverable } from '../../contract/recording.ts';
import {
  filesToSend,
  isSmall,
  keyFor,
  MAX_KEY_BYTES,
  objectFor,
  partBytesFor,
  partCount,
  partPlace,
  prefixOfKey,
  recordingPrefix,
} from '../../main/cloud/upload-plan.ts';
import { deliverableRecord, TRACK_ADA, TRACK_MIX } from '../support/journal-fixtures.ts';

const MIB = 1024 * 1024;
const id = recordingIdSchema.parse('00000000-0000-4000-8000-000000000010');
const startedAt = '2026-11-22T23:30:00.000Z';
const mix = deliverableRecord(TRACK_MIX, 'deliverables/mix.mp4').deliverable;
const ada = deliverableRecord(TRACK_ADA, 'deliverables/ada-camera.mkv').deliverable;
const recording = (deliverables: Deliverable[]) => ({ status: 'completed' as const, deliverables, mediaLeftAt: null });
const s3 = { minPartBytes: 5 * MIB, maxParts: 10_000, partGranularityBytes: 1 };
const gcs = { minPartBytes: 256 * 1024, maxParts: Number.MAX_SAFE_INTEGER, partGranularityBytes: 256 * 1024 };

test('everything or the mix goes, as it is set; without a mix everything goes all the same', () => {
  expect(filesToSend(recording([mix, ada]), 'everything')).toEqual([mix, ada]);
  expect(filesToSend(recording([mix, ada]), 'mix')).toEqual([mix]);
  expect(filesToSend(recording([ada]), 'mix')).toEqual([ada]);
});

test('nothing goes of a recording that is not completed, or whose media are no longer here', () => {
  expect(filesToSend({ ...recording([mix]), status: 'processing' }, 'everything')).toEqual([]);
  expect(filesToSend({ ...recording([mix]), status: 'failed' }, 'everything')).toEqual([]);
  expect(filesToSend({ ...recording([mix]), mediaLeftAt: startedAt }, 'everything')).toEqual([]);
});

test('keys begin with the prefix, the day and the title, in letters of any script and nothing that a path means', () => {
  expect(recordingPrefix('team/calls', { id, startedAt, title: 'Été: Q&A / 会議' })).toBe(
    `team/calls/2026-11-22-été-q-a-会議-${id}`,
  );
  expect(recordingPrefix('', { id, startedAt, title: ' ../.. ' })).toBe(`2026-11-22-recording-${id}`);
});

test('files of the same name in different folders have different keys, and a key that is too long is refused', () => {
  const first = keyFor('p', 'deliverables/mix-2.webm', new Set());
  expect(first).toBe('p/mix-2.webm');
  expect(keyFor('p', 'segments/mix-2.webm', new Set([first]))).toBe('p/mix-2-2.webm');
  expect(prefixOfKey(first)).toBe('p');
  const atLimit = 'é'.repeat((MAX_KEY_BYTES - 8) / 2);
  expect(Buffer.byteLength(keyFor(atLimit, 'mix.mp4', new Set()))).toBe(MAX_KEY_BYTES);
  expect(() => keyFor(`${atLimit}x`, 'mix.mp4', new Set())).toThrow(/too long/);
});

test('parts are as small as the memory likes, and grow with the file so that there are at most nine thousand', () => {
  expect(partBytesFor(1, s3)).toBe(8 * MIB);
  expect(partBytesFor(1, s3, 1024)).toBe(5 * MIB);
  expect(partBytesFor(8 * MIB * 9_000, s3)).toBe(8 * MIB);
  const large = 8 * MIB * 9_000 + 1;
  expect(partBytesFor(large, s3)).toBe(8 * MIB + 1);
  expect(partBytesFor(large, gcs) % (256 * 1024)).toBe(0);
  for (const sizeBytes of [large, 1024 ** 4, 5 * 1024 ** 4]) {
    const object = { sizeBytes, partBytes: partBytesFor(sizeBytes, s3) };
    expect(partCount(object)).toBeLessThanOrEqual(9_000);
    expect(partBytesFor(sizeBytes, gcs) % gcs.partGranularityBytes).toBe(0);
  }
});

test('the parts of a file cover it exactly, and one of at most one part goes in one request', () => {
  const object = { sizeBytes: 20 * MIB + 1, partBytes: 8 * MIB };
  const parts = Array.from({ length: partCount(object) }, (_, index) => partPlace(object, index + 1));
  expect(parts.map(({ sizeBytes }) => sizeBytes)).toEqual([8 * MIB, 8 * MIB, 4 * MIB + 1]);
  expect(parts.map(({ offsetBytes }) => offsetBytes)).toEqual([0, 8 * MIB, 16 * MIB]);
  expect(isSmall(object)).toBe(false);
  expect(isSmall({ sizeBytes: 8 * MIB, partBytes: 8 * MIB })).toBe(true);
  expect(isSmall({ sizeBytes: 8 * MIB + 1, partBytes: 8 * MIB })).toBe(false);
});

test('an object is told what it is by the ending of its file', () => {
  const typeOf = (file: string): string => objectFor({ file, key: 'k', sizeBytes: 1 }, 1).contentType;
  expect(['a.mp4', 'a.webm', 'a.mkv', 'a.b.c'].map(typeOf)).toEqual([
    'video/mp4',
    'video/webm',
    'video/x-matroska',
    'application/octet-stream',
  ]);
});
