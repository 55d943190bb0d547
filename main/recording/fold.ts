import { assertNever } from '../../contract/errors.ts';
import type { TrackId } from '../../contract/ids.ts';
import type { Deliverable, Recording, RecordingProgress } from '../../contract/recording.ts';
import { applyCloudRecord, markChanged, toRecordingCloud } from './fold-cloud.ts';
import { isChaptersStep, NO_CHAPTERS_NOTE } from './chapters-key.ts';
import type { JournalRecord } from './journal-records.ts';
import { lostOf } from './lost.ts';
import type { RecordingModel, SegmentModel } from './recording-model.ts';

/** Programs that can still run when an app was killed: the newest ones. */
const MAX_PROCESSES = 16;

/** Folds a whole journal; null when it does not begin with the start of a recording. */
export function foldRecords(records: readonly JournalRecord[]): RecordingModel | null {
  const fold = createFold();
  for (const record of records) fold.add(record);
  return fold.model();
}

/** Folds a journal record by record. */
export function createFold(): { add: (record: JournalRecord) => void; model: () => RecordingModel | null } {
  let model: RecordingModel | null = null;
  let isFirst = true;
  return {
    add: (record) => {
      if (model !== null) model = applyRecord(model, record);
      else if (isFirst && record.kind === 'started') model = startedModel(record);
      isFirst = false;
    },
    model: () => model,
  };
}

/** The model of a recording that has just been started. */
export function startedModel(record: Extract<JournalRecord, { kind: 'started' }>): RecordingModel {
  return {
    id: record.recordingId,
    callId: record.callId,
    title: record.title,
    recordedBy: record.recordedBy,
    format: record.format,
    status: 'recording',
    startedAt: record.startedAt,
    endedAt: null,
    elapsedMs: null,
    pausedAtMs: null,
    pausedMs: 0,
    aliveMs: 0,
    markers: [],
    chaptersKey: null,
    processes: [],
    tracks: [],
    deliverables: [],
    thumbnails: null,
    notes: [],
    abandoned: new Set(),
    error: null,
    cloud: { paused: false, wanted: false, files: [], leftovers: [] },
    pinned: false,
    media: { kind: 'here' },
  };
}

/** Takes one more record into the model; a record about something unknown changes nothing. */
export function applyRecord(model: RecordingModel, record: JournalRecord): RecordingModel {
  switch (record.kind) {
    case 'started':
      return model;
    case 'trackOpened': {
      if (model.tracks.some((track) => track.id === record.trackId)) return model;
      const { trackId, participantId, participantName, source, stem } = record;
      const track = { id: trackId, participantId, participantName, source, stem, segments: [] };
      return { ...model, tracks: [...model.tracks, track] };
    }
    case 'segmentOpened':
      return addSegment(model, record.trackId, {
        index: record.segment,
        lanes: record.lanes,
        atMs: record.atMs,
        file: null,
        audioCodec: null,
        videoCodec: null,
        durationMs: 0,
        sizeBytes: 0,
        state: 'open',
        endReason: null,
      });
    case 'segmentFile':
      return changeSegment(model, record, (segment) => ({
        ...segment,
        file: { path: record.file, container: record.container, offsetMs: record.offsetMs },
        audioCodec: record.audioCodec,
        videoCodec: record.videoCodec,
      }));
    case 'durable':
      return changeSegment(alive(model, record.atMs), record, (segment) => ({
        ...segment,
        sizeBytes: Math.max(segment.sizeBytes, record.sizeBytes),
        durationMs: Math.max(segment.durationMs, record.durationMs),
      }));
    case 'segmentClosed':
      return changeSegment(model, record, (segment) =>
        segment.state === 'open' ? { ...segment, state: 'closed', endReason: record.reason } : segment,
      );
    case 'segmentFinished':
      return changeSegment(model, record, (segment) => ({
        ...segment,
        state: 'finished',
        durationMs: record.durationMs,
        sizeBytes: record.sizeBytes,
        audioCodec: record.audioCodec,
        videoCodec: record.videoCodec,
      }));
    case 'segmentEmpty':
      return changeSegment(model, record, (segment) => ({ ...segment, state: 'empty' }));
    case 'writeFailed':
      return addNote(model, record.error.message);
    case 'stopping':
      return { ...model, status: 'stopping', endedAt: record.endedAt, elapsedMs: record.elapsedMs, pausedAtMs: null };
    case 'paused':
      return { ...alive(model, record.atMs), status: 'paused', pausedAtMs: record.atMs };
    case 'resumed':
      return { ...model, status: 'recording', pausedAtMs: null, pausedMs: model.pausedMs + record.pausedMs };
    case 'marker': {
      const { markerId: id, atMs, name } = record;
      if (model.markers.some((marker) => marker.id === id)) return model;
      return { ...model, markers: [...model.markers, { id, atMs, name }].sort((a, b) => a.atMs - b.atMs) };
    }
    case 'markerNamed':
      return {
        ...model,
        markers: model.markers.map((marker) =>
          marker.id === record.markerId ? { ...marker, name: record.name } : marker,
        ),
      };
    case 'markerRemoved':
      return { ...model, markers: model.markers.filter((marker) => marker.id !== record.markerId) };
    case 'chapters':
      return {
        ...model,
        chaptersKey: record.key,
        notes: model.notes.filter((note) => !note.startsWith(NO_CHAPTERS_NOTE)),
        // The same key again is no other file.
        cloud: record.key === model.chaptersKey ? model.cloud : markChanged(model.cloud, takesChapters),
      };
    case 'process': {
      const { pid, startedAt } = record;
      return { ...model, processes: [...model.processes, { pid, startedAt }].slice(-MAX_PROCESSES) };
    }
    case 'interrupted':
      return {
        ...alive(model, record.aliveMs ?? 0),
        status: 'interrupted',
        pausedAtMs: null,
        error: null,
        tracks: model.tracks.map((track) => ({
          ...track,
          segments: track.segments.map((segment) =>
            segment.state === 'open' ? { ...segment, state: 'closed', endReason: 'crashed' } : segment,
          ),
        })),
      };
    case 'processing':
      return {
        ...model,
        status: 'processing',
        error: null,
        // What keeps chapters out of a file may pass, unlike what keeps a picture out of an MP4.
        abandoned: new Set([...model.abandoned].filter((step) => !isChaptersStep(step))),
      };
    case 'deliverable': {
      const { deliverable, replaces } = record;
      const gone = new Set([...replaces, deliverable.id]);
      return {
        ...model,
        cloud: markChanged(model.cloud, (file) => file === deliverable.file),
        deliverables: sortDeliverables(model, [
          ...model.deliverables.filter((each) => !gone.has(each.id)),
          deliverable,
        ]),
      };
    }
    case 'thumbnails':
      return { ...model, thumbnails: record.files };
    case 'note':
      return addNote(model, record.text);
    case 'abandoned':
      return { ...addNote(model, record.note), abandoned: new Set([...model.abandoned, record.step]) };
    case 'completed':
      return { ...model, status: 'completed', error: null };
    case 'failed':
      return { ...model, status: 'failed', error: record.error };
    case 'renamed':
      return { ...model, title: record.title };
    case 'cloudWanted':
    case 'cloudQueued':
    case 'cloudBegun':
    case 'cloudPart':
    case 'cloudSent':
    case 'cloudVerified':
    case 'cloudFailed':
    case 'cloudRetried':
    case 'cloudRestarted':
    case 'cloudPaused':
    case 'cloudCancelled':
    case 'cloudRemoved':
    case 'cloudSwept':
      return { ...model, cloud: applyCloudRecord(model.cloud, record) };
    case 'pinned':
      return { ...model, pinned: record.pinned };
    case 'mediaLeaving':
      return { ...model, media: { kind: 'leaving', bin: record.bin, at: record.at } };
    case 'mediaLeft':
      return model.media.kind === 'leaving' ? { ...model, media: { ...model.media, kind: 'left' } } : model;
    case 'mediaReturning':
      return model.media.kind === 'here' ? model : { ...model, media: { ...model.media, kind: 'returning' } };
    case 'mediaBack':
      return { ...model, media: { kind: 'here' } };
    default:
      return assertNever(record);
  }
}

/** Whether a step of saving may write into this file again after it was finished (see chapters-key.ts). */
function takesChapters(file: string): boolean {
  return file.endsWith('.mp4') || file.endsWith('.mkv');
}

function alive(model: RecordingModel, atMs: number): RecordingModel {
  return atMs > model.aliveMs ? { ...model, aliveMs: atMs } : model;
}

function addNote(model: RecordingModel, text: string): RecordingModel {
  return text === '' || model.notes.includes(text) ? model : { ...model, notes: [...model.notes, text] };
}

function addSegment(model: RecordingModel, trackId: TrackId, segment: SegmentModel): RecordingModel {
  return {
    ...model,
    tracks: model.tracks.map((track) =>
      track.id === trackId && !track.segments.some((each) => each.index === segment.index)
        ? { ...track, segments: [...track.segments, segment] }
        : track,
    ),
  };
}

function changeSegment(
  model: RecordingModel,
  { trackId, segment: index }: { trackId: TrackId; segment: number },
  change: (segment: SegmentModel) => SegmentModel,
): RecordingModel {
  return {
    ...model,
    tracks: model.tracks.map((track) =>
      track.id === trackId
        ? { ...track, segments: track.segments.map((each) => (each.index === index ? change(each) : each)) }
        : track,
    ),
  };
}

/** The mix first, then the tracks in the order in which they were opened. */
function sortDeliverables(model: RecordingModel, deliverables: Deliverable[]): Deliverable[] {
  const order = new Map(model.tracks.map((track, index) => [track.id, track.source === 'mix' ? -1 : index]));
  return deliverables.sort(
    (a, b) => (order.get(a.trackId) ?? 0) - (order.get(b.trackId) ?? 0) || a.offsetMs - b.offsetMs,
  );
}

/** The recording as everybody else sees it. */
export function toRecording(
  model: RecordingModel,
  folder: string,
  live: { progress: RecordingProgress | null; elapsedMs: number | null },
): Recording {
  const tracks = model.tracks.map((track) => ({
    id: track.id,
    participantId: track.participantId,
    participantName: track.participantName,
    source: track.source,
    segments: track.segments.flatMap((segment) =>
      segment.file === null
        ? []
        : [
            {
              index: segment.index,
              file: segment.file.path,
              container: segment.file.container,
              audioCodec: segment.audioCodec,
              videoCodec: segment.videoCodec,
              offsetMs: segment.file.offsetMs,
              durationMs: segment.durationMs,
              sizeBytes: segment.sizeBytes,
              finished: segment.state === 'finished',
              endReason: segment.endReason,
            },
          ],
    ),
    lost: lostOf(model, track),
  }));
  const segments = tracks.flatMap((track) => track.segments);
  const segmentFiles = new Set(segments.map((segment) => segment.file));
  const madeBytes = model.deliverables
    .filter((deliverable) => !segmentFiles.has(deliverable.file))
    .reduce((sum, deliverable) => sum + deliverable.sizeBytes, 0);
  const endsMs = segments.map((segment) => segment.offsetMs + segment.durationMs);
  return {
    id: model.id,
    callId: model.callId,
    title: model.title,
    status: model.status,
    format: model.format,
    folder,
    startedAt: model.startedAt,
    endedAt: model.endedAt,
    durationMs: live.elapsedMs ?? model.elapsedMs ?? Math.max(0, ...endsMs),
    // What is really here: without its media a recording is a few pictures and a journal.
    sizeBytes:
      model.media.kind === 'here' ? madeBytes + segments.reduce((sum, segment) => sum + segment.sizeBytes, 0) : 0,
    participantNames: [...new Set(tracks.flatMap((track) => (track.source === 'mix' ? [] : [track.participantName])))],
    tracks,
    deliverables: [...model.deliverables],
    thumbnails: [...(model.thumbnails ?? [])],
    markers: [...model.markers],
    notes: [...model.notes],
    progress: live.progress,
    error: model.error,
    cloud: toRecordingCloud(
      model.cloud,
      model.deliverables.map(({ file }) => file),
    ),
    pinned: model.pinned,
    mediaLeftAt: model.media.kind === 'here' ? null : model.media.at,
    leavesAt: null,
    staysBecause: null,
  };
}
