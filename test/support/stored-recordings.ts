import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { callIdSchema, deliverableIdSchema, recordingIdSchema, trackIdSchema } from '../../contract/ids.ts';
import type { Destination } from '../../contract/cloud.ts';
import type { RecordingId } from '../../contract/ids.ts';
import { journalLine } from '../../main/recording/journal-lines.ts';
import type { JournalRecord } from '../../main/recording/journal-records.ts';

/** A recording as earlier runs of the app left it on the disk. */
export type StoredPlan = {
  endedWallMs: number;
  id?: RecordingId;
  title?: string;
  end?: 'completed' | 'failed';
  /** What the bucket has of it: `some` is its mix, `stale` all of it but with a fingerprint of other files. */
  cloud?: 'none' | 'all' | 'some' | 'stale' | 'queued' | 'failed';
  pinned?: boolean;
  /** The file of the mix, where it has to be one that plays. */
  mix?: Buffer;
  /** A bucket that really gets what it is said to have. */
  bucket?: { destination: Destination; put: (key: string, bytes: Buffer) => Promise<void> };
};

const DESTINATION = { provider: 's3' as const, bucket: 'ours', region: '', endpoint: '', pathStyle: true };
const DURATION_MS = 60_000;

/** Puts a recording with two tracks and random bytes into a recordings folder, journal and all. */
export async function storeRecording(root: string, plan: StoredPlan): Promise<RecordingId> {
  const id = plan.id ?? recordingIdSchema.parse(randomUUID());
  const folder = join(root, id);
  const sizes = new Map<string, number>();
  const put = async (file: string, bytes: Buffer): Promise<void> => {
    await writeFile(join(folder, file), bytes);
    sizes.set(file, bytes.byteLength);
  };
  for (const room of ['segments', 'deliverables', 'thumbnails']) await mkdir(join(folder, room), { recursive: true });
  await put('segments/mix-0.webm', randomBytes(700));
  await put('segments/ada-camera-0.webm', randomBytes(900));
  await put('deliverables/mix.mp4', plan.mix ?? randomBytes(500));
  await put('thumbnails/1.jpg', randomBytes(60));
  const records: JournalRecord[] = [
    {
      kind: 'started',
      version: 1,
      recordingId: id,
      callId: callIdSchema.parse(randomUUID()),
      title: plan.title ?? 'Interview',
      recordedBy: 'Ada',
      format: 'mp4',
      startedAt: new Date(plan.endedWallMs - DURATION_MS).toISOString(),
    },
    ...trackRecords('mix', 'mix', 'deliverables/mix.mp4', sizes),
    ...trackRecords('ada-camera', 'camera', 'segments/ada-camera-0.webm', sizes),
    { kind: 'stopping', endedAt: new Date(plan.endedWallMs).toISOString(), elapsedMs: DURATION_MS },
    { kind: 'processing' },
    { kind: 'thumbnails', files: ['thumbnails/1.jpg'] },
    plan.end === 'failed'
      ? { kind: 'failed', error: { code: 'FFMPEG_FAILED', message: 'FFmpeg failed.', retryable: true } }
      : { kind: 'completed' },
    ...(await cloudRecords(folder, id, plan, sizes)),
    ...(plan.pinned === true ? [{ kind: 'pinned' as const, pinned: true }] : []),
  ];
  await writeFile(join(folder, 'journal.jsonl'), Buffer.concat(records.map(journalLine)));
  return id;
}

function trackRecords(
  stem: string,
  source: 'mix' | 'camera',
  finished: string,
  sizes: ReadonlyMap<string, number>,
): JournalRecord[] {
  const trackId = trackIdSchema.parse(randomUUID());
  const file = `segments/${stem}-0.webm`;
  const ofSegment = { trackId, segment: 0 };
  const codecs = { audioCodec: 'A_OPUS', videoCodec: 'V_VP8' };
  return [
    { kind: 'trackOpened', trackId, participantId: null, participantName: source === 'mix' ? '' : 'Ada', source, stem },
    { kind: 'segmentOpened', ...ofSegment, lanes: ['av'], atMs: 0 },
    { kind: 'segmentFile', ...ofSegment, file, container: 'webm', ...codecs, offsetMs: 0 },
    { kind: 'segmentClosed', ...ofSegment, reason: 'stopped' },
    { kind: 'segmentFinished', ...ofSegment, durationMs: DURATION_MS, sizeBytes: sizes.get(file) ?? 0, ...codecs },
    {
      kind: 'deliverable',
      deliverable: {
        id: deliverableIdSchema.parse(randomUUID()),
        kind: source === 'mix' ? 'mix' : 'track',
        trackId,
        participantName: source === 'mix' ? '' : 'Ada',
        source,
        format: finished.endsWith('.mp4') ? 'mp4' : 'webm',
        file: finished,
        durationMs: DURATION_MS,
        offsetMs: 0,
        sizeBytes: sizes.get(finished) ?? 0,
        note: null,
      },
      replaces: [],
    },
  ];
}

async function cloudRecords(
  folder: string,
  id: RecordingId,
  { cloud = 'none', bucket }: StoredPlan,
  sizes: ReadonlyMap<string, number>,
): Promise<JournalRecord[]> {
  if (cloud === 'none') return [];
  const wanted = ['deliverables/mix.mp4', ...(cloud === 'some' ? [] : ['segments/ada-camera-0.webm'])];
  const files = wanted.map((file) => ({
    uploadId: randomUUID(),
    file,
    key: `${id}/${basename(file)}`,
    sizeBytes: sizes.get(file) ?? 0,
  }));
  const destination = bucket?.destination ?? DESTINATION;
  const records: JournalRecord[] = [{ kind: 'cloudQueued', destination, files }];
  for (const { uploadId, file, key } of files) {
    const { size, mtimeMs, ino } = await stat(join(folder, file));
    const fingerprint = { sizeBytes: size, mtimeMs: cloud === 'stale' ? mtimeMs - 1 : mtimeMs, inode: ino };
    const of = { uploadId, partBytes: 0, fingerprint };
    if (cloud === 'queued') continue;
    if (cloud === 'failed') {
      const error = { code: 'CLOUD_FORBIDDEN' as const, message: 'Refused.', retryable: false };
      records.push({ kind: 'cloudBegun', ...of, session: null }, { kind: 'cloudFailed', uploadId, error });
      continue;
    }
    await bucket?.put(key, await readFile(join(folder, file)));
    records.push({ kind: 'cloudBegun', ...of, session: null }, { kind: 'cloudSent', uploadId });
    records.push({ kind: 'cloudVerified', ...of, by: 'readBack', sha256OfParts: '' });
  }
  return records;
}
