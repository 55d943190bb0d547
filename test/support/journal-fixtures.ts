import {
  callIdSchema,
  deliverableIdSchema,
  participantIdSchema,
  recordingIdSchema,
  trackIdSchema,
} from '../../contract/ids.ts';
import type { TrackId } from '../../contract/ids.ts';
import type { FileFormat, TrackSource } from '../../contract/recording.ts';
import type { JournalRecord } from '../../main/recording/journal-records.ts';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
let nextDeliverable = 900;

export const TRACK_MIX = trackIdSchema.parse(id(1));
export const TRACK_ADA = trackIdSchema.parse(id(2));

/** The first record of a journal. */
export function startedRecord(format: FileFormat = 'mkv'): JournalRecord {
  return {
    kind: 'started',
    version: 1,
    recordingId: recordingIdSchema.parse(id(10)),
    callId: callIdSchema.parse(id(11)),
    title: 'Interview',
    recordedBy: 'Ada',
    format,
    startedAt: '2026-11-22T12:00:00.000Z',
  };
}

/** A track with segments; each of them lasts a second and has 500 bytes. */
export function trackRecords(
  trackId: TrackId,
  source: TrackSource,
  options: {
    finished: boolean;
    segments?: number;
    offsetMs?: number;
    durationMs?: number;
    videoCodec?: string;
    container?: 'webm' | 'mkv';
  },
): JournalRecord[] {
  const { container = 'mkv', durationMs = 1_000, offsetMs = 0, videoCodec = 'V_MPEG4/ISO/AVC' } = options;
  const stem = source === 'mix' ? 'mix' : 'ada-camera';
  const records: JournalRecord[] = [
    {
      kind: 'trackOpened',
      trackId,
      participantId: source === 'mix' ? null : participantIdSchema.parse(id(20)),
      participantName: source === 'mix' ? '' : 'Ada',
      source,
      stem,
    },
  ];
  const codecs = { audioCodec: 'A_OPUS', videoCodec };
  for (let segment = 0; segment < (options.segments ?? 1); segment += 1) {
    const target = { trackId, segment };
    const file = `segments/${stem}-${segment}.${container}`;
    const startMs = offsetMs + segment * 2 * durationMs;
    records.push({ kind: 'segmentOpened', ...target, lanes: ['av'], atMs: startMs });
    records.push({ kind: 'segmentFile', ...target, file, container, ...codecs, offsetMs: startMs });
    if (!options.finished) continue;
    records.push({ kind: 'segmentClosed', ...target, reason: 'stopped' });
    records.push({ kind: 'segmentFinished', ...target, durationMs, sizeBytes: 500, ...codecs });
  }
  return records;
}

/** A result of a track. */
export function deliverableRecord(trackId: TrackId, file: string): Extract<JournalRecord, { kind: 'deliverable' }> {
  nextDeliverable += 1;
  const mix = trackId === TRACK_MIX;
  return {
    kind: 'deliverable',
    deliverable: {
      id: deliverableIdSchema.parse(id(nextDeliverable)),
      kind: mix ? 'mix' : 'track',
      trackId,
      participantName: mix ? '' : 'Ada',
      source: mix ? 'mix' : 'camera',
      format: file.endsWith('.mp4') ? 'mp4' : file.endsWith('.mkv') ? 'mkv' : 'webm',
      file,
      durationMs: 1_000,
      offsetMs: 0,
      sizeBytes: 700,
      note: null,
    },
    replaces: [],
  };
}
