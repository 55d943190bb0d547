import { join } from 'node:path';
import type { Lost, Recording } from '../../contract/recording.ts';

export type DemoDeliverable = {
  kind: 'mix' | 'track';
  participant: string;
  source: string;
  path: string;
  format: string;
  durationMs: number;
  offsetMs: number;
  sizeBytes: number;
};

/** A recording as it is told on standard output: whoever reads it needs no knowledge of folders. */
export type DescribedRecording = {
  recording: Recording | null;
  /** Paths are absolute, here and in `thumbnails`. */
  deliverables: DemoDeliverable[];
  thumbnails: string[];
};

/** What of a track was recorded by nobody. */
export type TrackLost = Lost & { trackId: string; participant: string; source: string };

/** Describes a recording, or that there is none. */
export function describeRecording(recording: Recording | null): DescribedRecording {
  if (recording === null) return { recording, deliverables: [], thumbnails: [] };
  const { folder } = recording;
  return {
    recording,
    deliverables: recording.deliverables.map(
      ({ kind, participantName, source, file, format, durationMs, offsetMs, sizeBytes }) => ({
        kind,
        participant: participantName,
        source,
        path: join(folder, file),
        format,
        durationMs,
        offsetMs,
        sizeBytes,
      }),
    ),
    thumbnails: recording.thumbnails.map((file) => join(folder, file)),
  };
}

/** What is missing of each track. */
export function lostOfTracks({ tracks }: Recording): TrackLost[] {
  return tracks.map(({ id, participantName, source, lost }) => ({
    trackId: id,
    participant: participantName,
    source,
    ...lost,
  }));
}
