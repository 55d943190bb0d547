import { z } from 'zod';
import { destinationSchema } from '../../contract/cloud.ts';
import { errorShapeSchema } from '../../contract/errors.ts';
import {
  callIdSchema,
  markerIdSchema,
  participantIdSchema,
  recordingIdSchema,
  trackIdSchema,
} from '../../contract/ids.ts';
import {
  deliverableSchema,
  fileFormatSchema,
  laneSchema,
  segmentEndReasonSchema,
  trackSourceSchema,
} from '../../contract/recording.ts';

/** Version of the records below. A journal of a later version is read by nobody and changed by nobody. */
export const JOURNAL_VERSION = 1;

/** One sending of one file; a new one is made for each try from the beginning. */
const ofUpload = { uploadId: z.uuid() };

/** What a file was when its sending began: another answer means that the file was changed. */
const fingerprintSchema = z.object({ sizeBytes: z.number(), mtimeMs: z.number(), inode: z.number() });
export type Fingerprint = z.infer<typeof fingerprintSchema>;

const ofSegment = { trackId: trackIdSchema, segment: z.int().min(0) };

/** Everything that a journal can say. Records are facts in the order in which they became true; none is ever changed. */
export const journalRecordSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('started'),
    version: z.literal(JOURNAL_VERSION),
    recordingId: recordingIdSchema,
    callId: callIdSchema,
    title: z.string().max(200),
    recordedBy: z.string().max(200),
    format: fileFormatSchema,
    startedAt: z.iso.datetime(),
  }),
  z.object({
    kind: z.literal('trackOpened'),
    trackId: trackIdSchema,
    participantId: participantIdSchema.nullable(),
    participantName: z.string().max(200),
    source: trackSourceSchema,
    /** Beginning of the track's file names. */
    stem: z.string().min(1).max(80),
  }),
  z.object({
    kind: z.literal('segmentOpened'),
    ...ofSegment,
    lanes: z.array(laneSchema),
    /** The recording's clock when its recorders were started. */
    atMs: z.number(),
  }),
  /** The first media of the segment is about to be written; from here on its file exists. */
  z.object({
    kind: z.literal('segmentFile'),
    ...ofSegment,
    file: z.string(),
    container: z.enum(['webm', 'mkv']),
    audioCodec: z.string().nullable(),
    videoCodec: z.string().nullable(),
    /** The recording's clock at the file's time 0. */
    offsetMs: z.number(),
  }),
  /** All of a segment's first `sizeBytes` bytes are on the disk. At most one per track and tick of the group timer. */
  z.object({
    kind: z.literal('durable'),
    ...ofSegment,
    sizeBytes: z.number(),
    durationMs: z.number(),
    /** The recording's clock when it was written: a sign of life. */
    atMs: z.number(),
  }),
  z.object({ kind: z.literal('segmentClosed'), ...ofSegment, reason: segmentEndReasonSchema }),
  /** The file was finished in place and probed: it is playable and seekable. */
  z.object({
    kind: z.literal('segmentFinished'),
    ...ofSegment,
    durationMs: z.number(),
    sizeBytes: z.number(),
    audioCodec: z.string().nullable(),
    videoCodec: z.string().nullable(),
  }),
  /** Nothing that can be shown was ever written. */
  z.object({ kind: z.literal('segmentEmpty'), ...ofSegment }),
  /** A write failed: the file ends at its last good cluster. */
  z.object({ kind: z.literal('writeFailed'), ...ofSegment, error: errorShapeSchema }),
  z.object({ kind: z.literal('stopping'), endedAt: z.iso.datetime(), elapsedMs: z.number() }),
  /** Nothing is captured from here on; the recording's clock stands still at `atMs`. */
  z.object({ kind: z.literal('paused'), atMs: z.number() }),
  /** The clock goes on where it stood; `pausedMs` is how long it stood this time. */
  z.object({ kind: z.literal('resumed'), pausedMs: z.number() }),
  z.object({ kind: z.literal('marker'), markerId: markerIdSchema, atMs: z.number().min(0), name: z.string().max(200) }),
  z.object({ kind: z.literal('markerNamed'), markerId: markerIdSchema, name: z.string().max(200) }),
  z.object({ kind: z.literal('markerRemoved'), markerId: markerIdSchema }),
  /** The files listed as deliverables have these markers as chapters (see chapters-key.ts). */
  z.object({ kind: z.literal('chapters'), key: z.string().max(200) }),
  /** A program was started for this recording: should this app be killed, the next launch ends it. */
  z.object({ kind: z.literal('process'), pid: z.int().min(1), startedAt: z.string().max(200) }),
  /** Found at launch without an end; `aliveMs` is the last sign of life on the recording's clock, when there is one. */
  z.object({ kind: z.literal('interrupted'), aliveMs: z.number().nullable() }),
  /** Segments are finished; results are being made. Also written when somebody tries again after a failure. */
  z.object({ kind: z.literal('processing') }),
  z.object({ kind: z.literal('deliverable'), deliverable: deliverableSchema, replaces: z.array(z.string()) }),
  /** No pictures can be made of a recording without one: then the list is empty. */
  z.object({ kind: z.literal('thumbnails'), files: z.array(z.string()) }),
  z.object({ kind: z.literal('note'), text: z.string().max(500) }),
  /** This result cannot be made, and trying again would not change that. */
  z.object({ kind: z.literal('abandoned'), step: z.string().max(200), note: z.string().max(500) }),
  z.object({ kind: z.literal('completed') }),
  z.object({ kind: z.literal('failed'), error: errorShapeSchema }),
  z.object({ kind: z.literal('renamed'), title: z.string().max(200) }),

  /** To be queued once it is completed; should the app end in between, the next start does it. */
  z.object({ kind: z.literal('cloudWanted') }),
  /** These files are to go to this bucket; an entry takes the place of an earlier one of the same file. */
  z.object({
    kind: z.literal('cloudQueued'),
    destination: destinationSchema,
    files: z.array(z.object({ ...ofUpload, file: z.string(), key: z.string().max(1024), sizeBytes: z.number() })),
  }),
  /** The server has begun to take it. `session` is its name there; null when it is kept as a secret, or was sent in one request. */
  z.object({
    kind: z.literal('cloudBegun'),
    ...ofUpload,
    session: z.string().max(2000).nullable(),
    partBytes: z.number(),
    fingerprint: fingerprintSchema,
  }),
  z.object({
    kind: z.literal('cloudPart'),
    ...ofUpload,
    part: z.int().min(1),
    sizeBytes: z.number(),
    etag: z.string().max(200),
    sha256Hex: z.string().max(64),
  }),
  /** All bytes are there, and are still to be compared. */
  z.object({ kind: z.literal('cloudSent'), ...ofUpload }),
  /** What lies in the bucket was compared with what lay here. */
  z.object({
    kind: z.literal('cloudVerified'),
    ...ofUpload,
    by: z.enum(['checksum', 'readBack']),
    /** SHA-256 over the SHA-256 of its parts, lower-case hex. */
    sha256OfParts: z.string().max(64),
    partBytes: z.number(),
    fingerprint: fingerprintSchema,
  }),
  z.object({ kind: z.literal('cloudFailed'), ...ofUpload, error: errorShapeSchema }),
  /** What failed goes on where it was. */
  z.object({ kind: z.literal('cloudRetried'), ...ofUpload }),
  /** The server forgot it: from the beginning, with nothing sent. */
  z.object({ kind: z.literal('cloudRestarted'), ...ofUpload }),
  z.object({ kind: z.literal('cloudPaused'), paused: z.boolean() }),
  /** What was not verified is not wanted any more. */
  z.object({ kind: z.literal('cloudCancelled') }),
  /** These were deleted in the bucket. */
  z.object({ kind: z.literal('cloudRemoved'), uploadIds: z.array(z.uuid()) }),
  /** Nothing unfinished of these lies in the bucket any more. */
  z.object({ kind: z.literal('cloudSwept'), uploadIds: z.array(z.uuid()) }),

  z.object({ kind: z.literal('pinned'), pinned: z.boolean() }),
  /** The media are on their way into the bin, under this name; the next start goes on with it. */
  z.object({ kind: z.literal('mediaLeaving'), bin: z.string().max(200), at: z.iso.datetime() }),
  z.object({ kind: z.literal('mediaLeft') }),
  /** On their way back. */
  z.object({ kind: z.literal('mediaReturning') }),
  z.object({ kind: z.literal('mediaBack') }),
]);
export type JournalRecord = z.infer<typeof journalRecordSchema>;
