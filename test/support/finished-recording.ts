import { createHash, randomFillSync, randomUUID } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { callIdSchema, deliverableIdSchema, recordingIdSchema, trackIdSchema } from '../../contract/ids.ts';
import type { RecordingId } from '../../contract/ids.ts';
import { journalLine } from '../../main/recording/journal-lines.ts';
import type { JournalRecord } from '../../main/recording/journal-records.ts';

/** A file of a recording, and what it must still be wherever a copy of it turns up. */
export type FinishedFile = { file: string; sizeBytes: number; sha256: string };

/** A completed recording on the disk, as the service left it. */
export type FinishedRecording = { id: RecordingId; folder: string; files: FinishedFile[] };

const PIECE_BYTES = 8 * 1024 * 1024;

/**
 * Writes a completed recording with a file for each size below a recordings folder: the mix first, then tracks. The bytes are
 * random: what is uploaded does not have to play, but must come back the same.
 */
export async function writeFinishedRecording(
  recordingsFolder: string,
  sizes: readonly number[],
  endedAtMs = Date.now(),
): Promise<FinishedRecording> {
  const id = recordingIdSchema.parse(randomUUID());
  const folder = join(recordingsFolder, id);
  await mkdir(join(folder, 'deliverables'), { recursive: true });
  const startedAt = new Date(endedAtMs - 60_000).toISOString();
  const records: JournalRecord[] = [
    {
      kind: 'started',
      version: 1,
      recordingId: id,
      callId: callIdSchema.parse(randomUUID()),
      title: 'To be uploaded',
      recordedBy: 'Ada',
      format: 'mp4',
      startedAt,
    },
  ];
  const files: FinishedFile[] = [];
  for (const [index, sizeBytes] of sizes.entries()) {
    const isMix = index === 0;
    const trackId = trackIdSchema.parse(randomUUID());
    const participantName = isMix ? '' : `Person ${index}`;
    const stem = isMix ? 'mix' : `person-${index}`;
    const source = isMix ? ('mix' as const) : ('camera' as const);
    records.push({ kind: 'trackOpened', trackId, participantId: null, participantName, source, stem });
    const file = `deliverables/${stem}.mp4`;
    files.push({ file, sizeBytes, sha256: await writeNoise(join(folder, file), sizeBytes) });
    const deliverable = {
      id: deliverableIdSchema.parse(randomUUID()),
      kind: isMix ? ('mix' as const) : ('track' as const),
      trackId,
      participantName,
      source,
      format: 'mp4' as const,
      file,
      durationMs: 60_000,
      offsetMs: 0,
      sizeBytes,
      note: null,
    };
    records.push({ kind: 'deliverable', deliverable, replaces: [] });
  }
  records.push({ kind: 'stopping', endedAt: new Date(endedAtMs).toISOString(), elapsedMs: 60_000 });
  records.push({ kind: 'thumbnails', files: [] }, { kind: 'completed' });
  await writeFile(join(folder, 'journal.jsonl'), Buffer.concat(records.map(journalLine)));
  return { id, folder, files };
}

/** Writes random bytes and answers with their SHA-256 in hex. */
async function writeNoise(path: string, sizeBytes: number): Promise<string> {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(Math.min(PIECE_BYTES, sizeBytes));
  const file = await open(path, 'wx');
  try {
    for (let at = 0; at < sizeBytes; at += piece.byteLength) {
      const part = piece.subarray(0, Math.min(piece.byteLength, sizeBytes - at));
      randomFillSync(part);
      hash.update(part);
      await file.write(part);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}
