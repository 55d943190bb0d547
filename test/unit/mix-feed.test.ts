import { describe, expect, test } from 'vitest';
import { readClusterHead } from '../../main/media/matroska/cluster.ts';
import { concatBytes } from '../../main/media/matroska/ebml.ts';
import { createMixFeed } from '../../main/recording/mix-feed.ts';
import type { LiveMix } from '../../main/recording/ports.ts';
import { writeSegment } from '../support/lanes.ts';
import type { LaneName } from '../support/lanes.ts';

/** What a mix takes, and whether it was given up. */
function recordingMix() {
  const taken: Uint8Array[] = [];
  let aborted = false;
  const mix: LiveMix = {
    write: (bytes) => void taken.push(bytes),
    finish: async () => null,
    abort: async () => {
      aborted = true;
    },
  };
  return { mix, taken, isAborted: () => aborted };
}

function pieces(name: LaneName = 'mix-h264.mkv'): [Uint8Array, Uint8Array] {
  const container = name.endsWith('.mkv') ? 'matroska' : 'webm';
  const { appended } = writeSegment(container, [{ lane: 'av', name, offsetMs: 0, startMs: 0 }]);
  return [appended[0] ?? new Uint8Array(0), concatBytes(appended.slice(1))];
}

const [head, clusters] = pieces();
const timeOf = (bytes: Uint8Array | undefined) => (bytes === undefined ? null : readClusterHead(bytes, 0)?.timeMs);

function feedOfOne() {
  const live = recordingMix();
  const feed = createMixFeed();
  feed.opened(0, 40, () => live.mix);
  feed.appended(0, head);
  feed.appended(0, clusters);
  return { ...live, feed };
}

const never = (): never => {
  throw new Error('started twice');
};

describe('the MP4 of the mix', () => {
  test('is given the first segment as it is', () => {
    const { taken, feed } = feedOfOne();
    expect(taken).toEqual([head, clusters]);
    expect(feed.take()?.segments).toEqual([0]);
  });

  test('goes on with a later segment, without its head, at its place on the clock', () => {
    const { taken, feed, mix } = feedOfOne();
    feed.opened(1, 9_040, never);
    feed.appended(1, head);
    feed.appended(1, clusters);
    expect(taken).toHaveLength(3);
    expect(timeOf(taken[2])).toBe((timeOf(clusters) ?? 0) + 9_000);
    expect(feed.take()).toEqual({ mix, segments: [0, 1] });
  });

  test('counts a segment only when a frame of it came', () => {
    const { feed } = feedOfOne();
    feed.opened(1, 9_040, never);
    feed.appended(1, head);
    feed.opened(2, 18_040, never);
    feed.appended(2, head);
    feed.appended(2, clusters);
    expect(feed.take()?.segments).toEqual([0, 2]);
  });

  test('begins with the first segment that has a file, whatever its number', () => {
    const { mix, taken } = recordingMix();
    const feed = createMixFeed();
    feed.opened(3, 500, () => mix);
    feed.appended(3, head);
    feed.appended(3, clusters);
    expect(taken).toEqual([head, clusters]);
    expect(feed.take()?.segments).toEqual([3]);
  });

  test('is handed over once', () => {
    const { feed } = feedOfOne();
    expect(feed.take()).not.toBeNull();
    expect(feed.take()).toBeNull();
  });
});

describe('the MP4 is left to the segments', () => {
  test('when its first picture cannot go into one, for good', () => {
    const feed = createMixFeed();
    feed.opened(0, 0, () => null);
    feed.appended(0, head);
    feed.opened(1, 9_000, never);
    expect(feed.take()).toBeNull();
  });

  test('when a later segment has another codec', () => {
    const { feed, isAborted } = feedOfOne();
    feed.opened(1, 9_040, never);
    feed.appended(1, pieces('mix-vp8.webm')[0]);
    expect(isAborted()).toBe(true);
    expect(feed.take()).toBeNull();
  });

  test('when a later segment has other codec data', () => {
    const { feed, isAborted, taken } = feedOfOne();
    const other = head.slice();
    // The profile in the avcC: right behind its first byte, which is always 1 and followed by 42 here.
    const avcc = other.findIndex((byte, at) => byte === 0x63 && other[at + 1] === 0xa2);
    expect(avcc).toBeGreaterThan(0);
    other[avcc + 4] = (other[avcc + 4] ?? 0) ^ 0x08;
    feed.opened(1, 9_040, never);
    feed.appended(1, other);
    feed.appended(1, clusters);
    expect(isAborted()).toBe(true);
    expect(taken).toHaveLength(2);
  });

  test('when a later segment begins before the frames of the one before are over', () => {
    const { feed, isAborted } = feedOfOne();
    feed.opened(1, 1_000, never);
    feed.appended(1, head);
    feed.appended(1, clusters);
    expect(isAborted()).toBe(true);
  });

  test('when bytes of an earlier segment come late', () => {
    const { feed, isAborted } = feedOfOne();
    feed.opened(1, 9_040, never);
    feed.appended(0, clusters);
    expect(isAborted()).toBe(true);
  });

  test('when its bytes are not understood, and the file never hears of it', () => {
    const { feed, isAborted } = feedOfOne();
    feed.opened(1, 9_040, never);
    expect(() => feed.appended(1, Uint8Array.of(1, 2, 3))).not.toThrow();
    expect(isAborted()).toBe(true);
    expect(() => feed.appended(1, clusters)).not.toThrow();
  });
});
