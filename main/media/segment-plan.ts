import type { PlacedSegment } from './argv.ts';
import { MediaError } from './media-error.ts';
import { probeMedia } from './probe.ts';
import type { MediaProbe } from './probe.ts';

/** A segment of a track: its file and where the file's time zero lies on the recording's clock. */
export type SegmentSource = { readonly path: string; readonly offsetMs: number };

/** How several segments of one track become one file. */
export type SegmentPlan = {
  readonly placed: readonly [PlacedSegment, ...PlacedSegment[]];
  /** Where the joined file's time zero lies on the recording's clock: FFmpeg moves the first packet to zero. */
  readonly offsetMs: number;
  /** From the first packet to the end of the last segment; null when that one says no duration. */
  readonly durationMs: number | null;
  readonly kinds: readonly ('video' | 'audio')[];
  readonly videoCodec: string | null;
  readonly container: MediaProbe['container'];
};

/** Probes the segments of a track and lines them up. */
export async function planSegmentFiles(sources: readonly SegmentSource[]): Promise<SegmentPlan> {
  const probed: { source: SegmentSource; probe: MediaProbe }[] = [];
  for (const source of sources) probed.push({ source, probe: await probeMedia(source.path) });
  return planSegments(probed);
}

/** Lines up the segments of a track in the order of time; throws RESULT_INVALID when they cannot be one file. */
export function planSegments(
  sources: readonly { readonly source: SegmentSource; readonly probe: MediaProbe }[],
): SegmentPlan {
  const ordered = sources
    .map(({ source, probe }) => ({ source, probe, startMs: source.offsetMs + Math.max(0, probe.startMs) }))
    .sort((a, b) => a.startMs - b.startMs);
  const first = ordered[0];
  const last = ordered.at(-1);
  if (first === undefined || last === undefined) throw unfit('There are no segments to make a file of.', 'none');
  for (const { probe } of ordered) {
    if (probe.tracks.length === 0) throw unfit('A segment holds neither picture nor sound.', 'empty');
    if (signature(probe) !== signature(first.probe)) {
      throw unfit(
        `The segments do not fit together: ${signature(first.probe)}, then ${signature(probe)}.`,
        'differentCodecs',
      );
    }
  }
  const place = ({ source, startMs }: (typeof ordered)[number]): PlacedSegment => ({ path: source.path, startMs });
  const video = first.probe.tracks.find((track) => track.kind === 'video');
  return {
    placed: [place(first), ...ordered.slice(1).map(place)],
    offsetMs: first.startMs,
    durationMs: last.probe.durationMs === null ? null : last.source.offsetMs + last.probe.durationMs - first.startMs,
    kinds: first.probe.tracks.map((track) => track.kind),
    videoCodec: video?.codec ?? null,
    container: first.probe.container,
  };
}

// Tracks in the order of the file: FFmpeg's concat demuxer joins the first with the first, the second with the second.
function signature(probe: MediaProbe): string {
  return [probe.container, ...probe.tracks.map((track) => `${track.kind} ${track.codec ?? 'unknown'}`)].join(' + ');
}

function unfit(message: string, reason: string): MediaError {
  return new MediaError('RESULT_INVALID', message, { retryable: false, details: { reason } });
}
