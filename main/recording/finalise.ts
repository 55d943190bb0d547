import { join } from 'node:path';
import { AppError, assertNever, toErrorShape } from '../../contract/errors.ts';
import type { ErrorShape } from '../../contract/errors.ts';
import { deliverableIdSchema } from '../../contract/ids.ts';
import type { TrackId } from '../../contract/ids.ts';
import type { Deliverable, FileFormat, RecordingProgress } from '../../contract/recording.ts';
import { finishSegment, segmentPath, shortName } from './finish-segment.ts';
import { nextStep, playableSegments } from './finalise-plan.ts';
import type { FinaliseStep, PlayableSegment } from './finalise-plan.ts';
import type { FedMix } from './mix-feed.ts';
import type { Files, Ids, JobOptions, LiveMix, MediaJobs } from './ports.ts';
import { deliverableFile, DELIVERABLES_FOLDER, insideFolder, THUMBNAILS_FOLDER } from './recording-folder.ts';
import type { Ledger } from './recording-ledger.ts';
import type { TrackModel } from './recording-model.ts';
import type { FinishByScan } from './segment-finish.ts';
import { writeMarkers } from './write-markers.ts';

export type FinaliseContext = {
  files: Files;
  ids: Ids;
  jobs: MediaJobs;
  /** Scans a file in another thread; left out, it is done in this one. */
  finishByScan?: FinishByScan | undefined;
  ledger: Ledger;
  /** The MP4 that grew beside the mix, when there is one. */
  takeLiveMix: () => FedMix | null;
  signal: AbortSignal;
  /** Everything is playable; what follows takes time. */
  onPlayable: () => void;
  onProgress: (progress: RecordingProgress | null) => void;
  onThumbnails: () => void;
};

/**
 * Brings a recording to its end, whatever state it is in: the one path for Stop, launch and retry (DESIGN rule 4). Each step is
 * check, do, verify, journal. Returns null when all is made, else the first error; what could be made is made all the same.
 */
export async function finalise(context: FinaliseContext): Promise<ErrorShape | null> {
  const { ledger } = context;
  const failed = new Map<string, ErrorShape>();
  for (;;) {
    if (context.signal.aborted) throw new AppError('ABORTED', 'Saving was interrupted.', { retryable: true });
    const step = nextStep(ledger.model(), new Set(failed.keys()));
    if (step === null) break;
    try {
      await runStep(context, step);
    } catch (error) {
      if (context.signal.aborted) throw error;
      const shape = toErrorShape(error);
      if (isFinal(step, shape)) await ledger.keep({ kind: 'abandoned', step: step.key, note: finalNote(shape) });
      else failed.set(step.key, shape);
    }
  }
  context.onProgress(null);
  await (context.takeLiveMix()?.mix.abort() ?? Promise.resolve());
  const [first] = failed.values();
  if (first !== undefined) return first;
  if (ledger.model().deliverables.length > 0) return null;
  return {
    code: 'RESULT_INVALID',
    message: 'Nothing reached the disk before the recording ended, so there is nothing to play.',
    retryable: false,
  };
}

async function runStep(context: FinaliseContext, step: FinaliseStep): Promise<void> {
  const { ledger } = context;
  switch (step.kind) {
    case 'finishSegment':
      context.onProgress({ stage: 'finishing', fraction: 0 });
      await finishSegment(context, ledger, { trackId: step.trackId, segment: step.segment }, null);
      return;
    case 'listSegment':
      await listSegment(context, step);
      return;
    case 'process':
      await ledger.keep({ kind: 'processing' });
      await ledger.sync();
      context.onPlayable();
      return;
    case 'mixMp4':
      await makeMixMp4(context, trackOf(context, step.trackId));
      return;
    case 'joinTrack':
      await joinTrack(context, trackOf(context, step.trackId));
      return;
    case 'thumbnails':
      await makeThumbnails(context);
      return;
    case 'chapters':
      await writeMarkers(context.files, ledger);
      return;
    default:
      assertNever(step);
  }
}

async function listSegment(context: FinaliseContext, step: { trackId: TrackId; segment: number }): Promise<void> {
  const track = trackOf(context, step.trackId);
  const segment = playableSegments(track).find((each) => each.index === step.segment);
  if (segment === undefined) throw new AppError('INTERNAL', 'A segment went away while it was being listed.');
  await context.ledger.keep({ kind: 'deliverable', deliverable: fromSegment(context, track, segment), replaces: [] });
}

async function makeMixMp4(context: FinaliseContext, track: TrackModel): Promise<void> {
  const { ledger, jobs, signal } = context;
  const segments = playableSegments(track);
  const [first] = segments;
  if (first === undefined) return;
  if (!segments.every((segment) => jobs.fitsMp4(segment.videoCodec))) {
    throw new AppError(
      'RESULT_INVALID',
      `The mix was kept as ${formatName(first.file.container)}: an MP4 cannot hold its picture.`,
      {
        details: { reason: 'codecNotInContainer' },
      },
    );
  }
  const file = deliverableFile(track.stem, 'mp4');
  const path = await resultPath(context, file);
  const live = await wholeLiveMix(context, segments);
  const kinds = [
    ...(first.videoCodec === null ? [] : ['video' as const]),
    ...(first.audioCodec === null ? [] : ['audio' as const]),
  ];
  const endMs = Math.max(...segments.map((segment) => segment.file.offsetMs + segment.durationMs));
  context.onProgress({ stage: 'mixing', fraction: 0 });
  const closed = live === null ? null : await live.finish({ kinds, durationMs: endMs - first.file.offsetMs, signal });
  const made =
    closed === null
      ? await jobs.exportMp4(sourcesOf(ledger.folder, segments), path, options(context, 'mixing'))
      : { ...closed, offsetMs: first.file.offsetMs };
  await keepResult(context, track, file, 'mp4', made, null);
}

/** The MP4 that grew beside the mix, if it was given every segment: otherwise it is a part of the truth, and goes. */
async function wholeLiveMix(context: FinaliseContext, segments: readonly PlayableSegment[]): Promise<LiveMix | null> {
  const live = context.takeLiveMix();
  if (live === null) return null;
  const fed = new Set(live.segments);
  if (fed.size === segments.length && segments.every(({ index }) => fed.has(index))) return live.mix;
  await live.mix.abort();
  return null;
}

async function joinTrack(context: FinaliseContext, track: TrackModel): Promise<void> {
  const segments = playableSegments(track);
  const container = segments.every((segment) => segment.file.container === 'webm') ? 'webm' : 'mkv';
  const file = deliverableFile(track.stem, container);
  const path = await resultPath(context, file);
  const sources = sourcesOf(context.ledger.folder, segments);
  const made = await context.jobs.join(sources, container, path, options(context, 'joining'));
  const note = formatNote(context.ledger.model().format, container, track);
  await keepResult(context, track, file, container, made, note);
}

async function makeThumbnails(context: FinaliseContext): Promise<void> {
  const { ledger, jobs } = context;
  const source = thumbnailSource(context);
  const folder = join(ledger.folder, THUMBNAILS_FOLDER);
  await context.files.makeFolder(folder);
  const names = source === null ? [] : await jobs.thumbnails(source, folder, options(context, 'thumbnails'));
  await ledger.keep({ kind: 'thumbnails', files: names.map((name) => `${THUMBNAILS_FOLDER}/${name}`) });
  context.onThumbnails();
}

/** The mix when it has a picture, else the longest picture there is. */
function thumbnailSource({ ledger }: FinaliseContext): string | null {
  const model = ledger.model();
  const candidates = model.deliverables.filter((deliverable) => {
    const track = model.tracks.find((each) => each.id === deliverable.trackId);
    return track?.segments.some((segment) => segment.videoCodec !== null) ?? false;
  });
  const best =
    candidates.find((each) => each.kind === 'mix') ?? candidates.sort((a, b) => b.durationMs - a.durationMs)[0];
  return best === undefined ? null : segmentPath(ledger.folder, best.file);
}

/** Makes an MP4 of one track beside its own file, when there is none yet; the same for a track that has one. */
export async function exportTrackMp4(context: FinaliseContext, track: TrackModel): Promise<Deliverable> {
  const { ledger } = context;
  const file = deliverableFile(track.stem, 'mp4');
  const existing = ledger.model().deliverables.find((each) => each.trackId === track.id && each.format === 'mp4');
  if (existing !== undefined) return existing;
  const segments = playableSegments(track);
  if (segments.length === 0) {
    throw new AppError('NOT_FOUND', `There is nothing of ${shortName(track)} that an MP4 could be made of.`);
  }
  const path = await resultPath(context, file);
  const sources = sourcesOf(ledger.folder, segments);
  const made = await context.jobs.exportMp4(sources, path, options(context, 'exporting'));
  const deliverable = resultOf(context, track, file, 'mp4', made, null);
  await ledger.record({ kind: 'deliverable', deliverable, replaces: [] });
  await ledger.sync();
  return deliverable;
}

/** Journals a file that stands for the whole track; the segments are no longer listed but stay: they are the truth. */
async function keepResult(
  context: FinaliseContext,
  track: TrackModel,
  file: string,
  format: FileFormat,
  made: { durationMs: number; sizeBytes: number; offsetMs: number },
  note: string | null,
): Promise<void> {
  const deliverable = resultOf(context, track, file, format, made, note);
  const segmentFiles = new Set(track.segments.map((segment) => segment.file?.path));
  const replaces = context.ledger
    .model()
    .deliverables.filter((each) => each.trackId === track.id && segmentFiles.has(each.file))
    .map((each) => each.id);
  await context.ledger.keep({ kind: 'deliverable', deliverable, replaces });
}

function resultOf(
  context: FinaliseContext,
  track: TrackModel,
  file: string,
  format: FileFormat,
  made: { durationMs: number; sizeBytes: number; offsetMs: number },
  note: string | null,
): Deliverable {
  return {
    id: deliverableIdSchema.parse(context.ids.next()),
    kind: track.source === 'mix' ? 'mix' : 'track',
    trackId: track.id,
    participantName: track.participantName,
    source: track.source,
    format,
    file,
    durationMs: made.durationMs,
    offsetMs: made.offsetMs,
    sizeBytes: made.sizeBytes,
    note,
  };
}

function fromSegment(context: FinaliseContext, track: TrackModel, segment: PlayableSegment): Deliverable {
  const { format } = context.ledger.model();
  const { container, offsetMs, path } = segment.file;
  const note = formatNote(format, container, track);
  const made = { durationMs: segment.durationMs, sizeBytes: segment.sizeBytes, offsetMs };
  return resultOf(context, track, path, container, made, note);
}

function formatNote(wanted: FileFormat, container: 'webm' | 'mkv', track: TrackModel): string | null {
  if (wanted === container) return null;
  if (wanted === 'webm') return 'Kept as Matroska, because WebM cannot hold its picture without encoding it again.';
  if (track.source === 'mix') return `Kept as ${formatName(container)} until the MP4 is made.`;
  return `Kept as recorded (${formatName(container)}); an MP4 of it can be made on demand.`;
}

function formatName(container: 'webm' | 'mkv'): string {
  return container === 'webm' ? 'WebM' : 'Matroska';
}

async function resultPath(context: FinaliseContext, file: string): Promise<string> {
  const path = insideFolder(context.ledger.folder, file);
  if (path === null) throw new AppError('CONFLICT', 'A result would lie outside of the folder of the recording.');
  await context.files.makeFolder(join(context.ledger.folder, DELIVERABLES_FOLDER));
  return path;
}

function sourcesOf(folder: string, segments: readonly PlayableSegment[]) {
  return segments.map((segment) => ({
    path: segmentPath(folder, segment.file.path),
    offsetMs: segment.file.offsetMs,
  }));
}

function options(context: FinaliseContext, stage: RecordingProgress['stage']): JobOptions {
  return {
    signal: context.signal,
    onProgress: (fraction) => context.onProgress({ stage, fraction }),
    // The next run of the app ends it, should this one be killed.
    onProcess: (identity) => void context.ledger.keep({ kind: 'process', ...identity }),
  };
}

function trackOf(context: FinaliseContext, trackId: TrackId): TrackModel {
  const track = context.ledger.model().tracks.find((each) => each.id === trackId);
  if (track === undefined) throw new AppError('TRACK_UNKNOWN', 'The recording has no such track.');
  return track;
}

/** Whether a result can never be made of what was recorded, so that trying again is no use. */
function isFinal(step: FinaliseStep, error: ErrorShape): boolean {
  if (step.kind === 'thumbnails') return error.code === 'NO_PICTURE';
  // Every file plays without them, and the markers are in the journal: no reason to call a recording failed.
  if (step.kind === 'chapters') return true;
  if (step.kind !== 'mixMp4' && step.kind !== 'joinTrack') return false;
  const reason = error.details?.['reason'];
  return error.code === 'RESULT_INVALID' && (reason === 'codecNotInContainer' || reason === 'differentCodecs');
}

function finalNote(error: ErrorShape): string {
  return error.message.slice(0, 500);
}
