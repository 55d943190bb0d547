import { shiftClusters } from '../media/matroska/cluster-shift.ts';
import { parseHead } from '../media/matroska/segment-head.ts';
import { sameStream } from '../media/matroska/track-entry.ts';
import type { TrackInfo } from '../media/matroska/track-entry.ts';
import type { LiveMix } from './ports.ts';

/** The MP4 that grew beside the mix, and the segments whose frames it was given. */
export type FedMix = { mix: LiveMix; segments: readonly number[] };

/**
 * Feeds the MP4 of the mix from one segment after the other: FFmpeg reads one stream that began with the first segment's head,
 * and later segments (after a pause, or when the window came back) go on in it at their place on the recording's clock.
 */
export type MixFeed = {
  /** A segment's file is made; `start` begins the MP4, or answers null when this picture cannot go into one. */
  opened: (segment: number, offsetMs: number, start: () => LiveMix | null) => void;
  /** The next bytes of a segment's file: its head, then clusters. Never throws: the file itself must not suffer. */
  appended: (segment: number, bytes: Uint8Array) => void;
  /** Hands the MP4 over; null the second time, or when there is none. */
  take: () => FedMix | null;
};

type Feed = {
  readonly mix: LiveMix;
  readonly firstOffsetMs: number;
  readonly segments: Set<number>;
  /** By track: when the last frame given so far begins. */
  readonly lastMs: Map<number, number>;
  tracks: readonly TrackInfo[] | null;
  current: { readonly segment: number; readonly shiftMs: number; readonly afterMs: ReadonlyMap<number, number> };
  headSeen: boolean;
};

/** Makes a feed that waits for the first segment. */
export function createMixFeed(): MixFeed {
  let feed: Feed | null = null;
  let over = false;

  /** What cannot go on as one stream is made from the segments at the end. */
  const giveUp = (): void => {
    over = true;
    void feed?.mix.abort().catch(() => undefined);
    feed = null;
  };

  const takeHead = (into: Feed, bytes: Uint8Array): void => {
    const { tracks } = parseHead(bytes);
    into.headSeen = true;
    if (into.tracks === null) {
      into.tracks = tracks;
      into.mix.write(bytes);
    } else if (!sameTracks(into.tracks, tracks)) giveUp();
  };

  const takeClusters = (into: Feed, bytes: Uint8Array): void => {
    const { segment, shiftMs, afterMs } = into.current;
    const shifted = shiftClusters(bytes, shiftMs);
    if (shifted === null) {
      giveUp();
      return;
    }
    for (const [track, { firstMs, lastMs }] of shifted.spans) {
      // A frame at or before one of an earlier segment would be given another time by FFmpeg.
      if (firstMs <= (afterMs.get(track) ?? -1)) {
        giveUp();
        return;
      }
      into.lastMs.set(track, Math.max(into.lastMs.get(track) ?? lastMs, lastMs));
    }
    into.segments.add(segment);
    into.mix.write(shifted.bytes);
  };

  return {
    opened: (segment, offsetMs, start) => {
      if (over) return;
      if (feed === null) {
        const mix = start();
        over = mix === null;
        if (mix === null) return;
        const current = { segment, shiftMs: 0, afterMs: new Map<number, number>() };
        const nothing = { segments: new Set<number>(), lastMs: new Map<number, number>(), tracks: null };
        feed = { mix, firstOffsetMs: offsetMs, ...nothing, current, headSeen: false };
        return;
      }
      feed.current = { segment, shiftMs: offsetMs - feed.firstOffsetMs, afterMs: new Map(feed.lastMs) };
      feed.headSeen = false;
    },
    appended: (segment, bytes) => {
      if (feed === null) return;
      // Late bytes of the segment before: they would be put at the wrong place.
      if (segment !== feed.current.segment) {
        giveUp();
        return;
      }
      try {
        if (feed.headSeen) takeClusters(feed, bytes);
        else takeHead(feed, bytes);
      } catch {
        giveUp();
      }
    },
    take: () => {
      const taken = feed === null ? null : { mix: feed.mix, segments: [...feed.segments] };
      feed = null;
      over = true;
      return taken;
    },
  };
}

function sameTracks(a: readonly TrackInfo[], b: readonly TrackInfo[]): boolean {
  return (
    a.length === b.length &&
    a.every((track, index) => {
      const other = b[index];
      return other !== undefined && sameStream(track, other);
    })
  );
}
