import { describe, expect, test } from 'vitest';
import { shiftClusters } from '../../main/media/matroska/cluster-shift.ts';
import { readClusterHead, readWholeBlocks } from '../../main/media/matroska/cluster.ts';
import { concatBytes } from '../../main/media/matroska/ebml.ts';
import { writeSegment } from '../support/lanes.ts';

const { appended } = writeSegment('matroska', [{ lane: 'av', name: 'mix-h264.mkv', offsetMs: 0, startMs: 0 }]);
const clusters = concatBytes(appended.slice(1));

/** Every frame in a run of clusters. */
function framesOf(bytes: Uint8Array) {
  const frames = [];
  for (let at = 0; at < bytes.length;) {
    const head = readClusterHead(bytes, at);
    if (head === null) throw new Error(`no cluster at ${at}`);
    frames.push(...readWholeBlocks(bytes, at + head.blocksFromByte, at + head.sizeBytes, head.timeMs).blocks);
    at += head.sizeBytes;
  }
  return frames;
}

describe('clusters moved in time', () => {
  test('hold the same frames, each so much later, and are as long as before', () => {
    const before = framesOf(clusters);
    const shifted = shiftClusters(clusters, 12_345);
    expect(before.length).toBeGreaterThan(50);
    expect(shifted?.bytes).toHaveLength(clusters.length);
    expect(framesOf(shifted?.bytes ?? new Uint8Array(0))).toEqual(
      before.map((frame) => ({ ...frame, timeMs: frame.timeMs + 12_345 })),
    );
  });

  test('leave the bytes alone that are written to the file', () => {
    const kept = clusters.slice();
    shiftClusters(clusters, 12_345);
    expect(clusters).toEqual(kept);
  });

  test('are the very same bytes when nothing is to be moved', () => {
    expect(shiftClusters(clusters, 0)?.bytes).toBe(clusters);
  });

  test('say from when to when each track has frames', () => {
    const times = (track: number) =>
      framesOf(clusters)
        .filter((frame) => frame.track === track)
        .map((frame) => frame.timeMs);
    const { spans } = shiftClusters(clusters, 1000) ?? { spans: new Map() };
    expect(new Set(spans.keys())).toEqual(new Set([1, 2]));
    for (const track of [1, 2]) {
      expect(spans.get(track)).toEqual({
        firstMs: 1000 + Math.min(...times(track)),
        lastMs: 1000 + Math.max(...times(track)),
      });
    }
  });
});

describe('nothing is moved', () => {
  test('of a cluster that is cut', () => {
    expect(shiftClusters(clusters.subarray(0, clusters.length - 1), 1000)).toBeNull();
  });

  test('of bytes that are no cluster of ours', () => {
    expect(shiftClusters(appended[0] ?? new Uint8Array(1), 1000)).toBeNull();
    const damaged = clusters.slice();
    damaged[0] = 0;
    expect(shiftClusters(damaged, 1000)).toBeNull();
  });

  test('to a time that has no place: before zero, past 32 bits, or between two milliseconds', () => {
    const firstMs = readClusterHead(clusters, 0)?.timeMs ?? 0;
    expect(shiftClusters(clusters, -firstMs - 1)).toBeNull();
    expect(shiftClusters(clusters, 0xffffffff)).toBeNull();
    expect(shiftClusters(clusters, 0.5)).toBeNull();
  });
});
