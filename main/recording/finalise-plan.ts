import type { TrackId } from '../../contract/ids.ts';
import { chaptersStepKey, chaptersToWrite } from './chapters-key.ts';
import type { RecordingModel, SegmentModel, TrackModel } from './recording-model.ts';

/** One thing left to be done before a recording is completed. `key` names it in the journal. */
export type FinaliseStep =
  | { kind: 'finishSegment'; key: string; trackId: TrackId; segment: number }
  /** Lists a finished segment's file as it is: from here on it can be played. */
  | { kind: 'listSegment'; key: string; trackId: TrackId; segment: number }
  /** All that was recorded can be played now; what follows takes time. */
  | { kind: 'process'; key: string }
  | { kind: 'mixMp4'; key: string; trackId: TrackId }
  | { kind: 'joinTrack'; key: string; trackId: TrackId }
  | { kind: 'thumbnails'; key: string }
  /** The markers become chapters of the files that stand now; other files or other markers are another step. */
  | { kind: 'chapters'; key: string };

/** A segment with something in it. */
export type PlayableSegment = SegmentModel & { file: NonNullable<SegmentModel['file']> };

/** The segments of a track that can be played, in order. */
export function playableSegments(track: TrackModel): PlayableSegment[] {
  return track.segments
    .flatMap((segment) =>
      segment.file !== null && segment.state === 'finished' ? [{ ...segment, file: segment.file }] : [],
    )
    .sort((a, b) => a.index - b.index);
}

/**
 * Reads from the journal alone what is left to do and gives the first of it; `failed` are steps that did not work this
 * time. Null when nothing is left: run twice, the second time does nothing (DESIGN rule 4).
 */
export function nextStep(model: RecordingModel, failed: ReadonlySet<string>): FinaliseStep | null {
  const steps = [...finishing(model), ...listing(model), ...processing(model)];
  return steps.find((step) => !failed.has(step.key) && !model.abandoned.has(step.key)) ?? null;
}

function finishing(model: RecordingModel): FinaliseStep[] {
  return model.tracks.flatMap((track) =>
    track.segments
      .filter((segment) => segment.state === 'open' || segment.state === 'closed')
      .map((segment) => ({
        kind: 'finishSegment' as const,
        key: `finish:${track.stem}:${segment.index}`,
        trackId: track.id,
        segment: segment.index,
      })),
  );
}

function listing(model: RecordingModel): FinaliseStep[] {
  return model.tracks.flatMap((track) =>
    isMade(model, track)
      ? []
      : playableSegments(track)
          .filter((segment) => !model.deliverables.some((each) => each.file === segment.file.path))
          .map((segment) => ({
            kind: 'listSegment' as const,
            key: `list:${track.stem}:${segment.index}`,
            trackId: track.id,
            segment: segment.index,
          })),
  );
}

function processing(model: RecordingModel): FinaliseStep[] {
  if (model.deliverables.length === 0) return [];
  const steps: FinaliseStep[] = model.status === 'processing' ? [] : [{ kind: 'process', key: 'process' }];
  for (const track of model.tracks) {
    if (isMade(model, track)) continue;
    const count = playableSegments(track).length;
    if (count > 0 && wantsMp4(model, track)) {
      steps.push({ kind: 'mixMp4', key: mp4Key(track), trackId: track.id });
      // Without an MP4 the mix is joined like any other track.
      if (count < 2 || !model.abandoned.has(mp4Key(track))) continue;
    }
    if (count > 1) steps.push({ kind: 'joinTrack', key: `join:${track.stem}`, trackId: track.id });
  }
  if (model.thumbnails === null) steps.push({ kind: 'thumbnails', key: 'thumbnails' });
  steps.push(...chapters(model));
  return steps;
}

function chapters(model: RecordingModel): FinaliseStep[] {
  const key = chaptersToWrite(model);
  return key === null ? [] : [{ kind: 'chapters', key: chaptersStepKey(key) }];
}

/** Whether the mix is to become an MP4. */
export function wantsMp4(model: RecordingModel, track: TrackModel): boolean {
  return model.format === 'mp4' && track.source === 'mix';
}

function mp4Key(track: TrackModel): string {
  return `mp4:${track.stem}`;
}

/** Whether the file that stands for the whole track exists. */
function isMade(model: RecordingModel, track: TrackModel): boolean {
  const segmentFiles = new Set(track.segments.map((segment) => segment.file?.path));
  return model.deliverables.some(
    (each) =>
      each.trackId === track.id &&
      !segmentFiles.has(each.file) &&
      // An MP4 that somebody asked for stands beside a track's own file, except for the mix.
      (each.format !== 'mp4' || wantsMp4(model, track)),
  );
}
