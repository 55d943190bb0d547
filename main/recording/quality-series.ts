import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { ParticipantQuality } from '../../contract/quality.ts';
import type { RecordingId } from '../../contract/ids.ts';
import { diskError } from './disk-error.ts';
import { MAX_QUALITY_SERIES_BYTES, MIN_QUALITY_SPACING_MS } from './limits.ts';
import type { Files, OpenFile } from './ports.ts';
import { QUALITY_FILE } from './recording-folder.ts';

/** One look at the ways to everybody, at a time of the recording's clock. */
export type QualityLook = {
  recordingId: RecordingId;
  folder: string;
  atMs: number;
  people: readonly ParticipantQuality[];
};

/** Why a recording's series has a hole or ends early; told once per recording. */
export type QualityTrouble = { recordingId: RecordingId; reason: string };

/** Writes how the call was while it was recorded, as one line of JSON per look beside the journal. */
export type QualitySeries = {
  /** Takes a look; neither waits nor throws. One that comes too soon, or while the disk is busy with the one before, is left out. */
  note: (look: QualityLook) => void;
  /** Resolves when nothing is being written. */
  idle: () => Promise<void>;
};

const NEWLINE = 0x0a;

/** Makes the writer of all series; the file is open only while a line is written, so that it is never in the way. */
export function createQualitySeries(files: Files, onTrouble: (trouble: QualityTrouble) => void): QualitySeries {
  let writing: Promise<void> | null = null;
  let last: Pick<QualityLook, 'recordingId' | 'atMs'> | null = null;
  let troubled: RecordingId | null = null;

  const write = async ({ recordingId, folder, atMs, people }: QualityLook): Promise<void> => {
    const line = Buffer.from(`${JSON.stringify({ atMs: Math.round(atMs), people: people.map(compact) })}\n`);
    try {
      const isWritten = await appendLine(files, join(folder, QUALITY_FILE), line);
      if (!isWritten) tell(recordingId, `It has ${MAX_QUALITY_SERIES_BYTES} bytes and takes no more.`);
    } catch (cause) {
      tell(recordingId, diskError(cause, 'it cannot be written').message);
    } finally {
      writing = null;
    }
  };

  const tell = (recordingId: RecordingId, reason: string): void => {
    if (troubled === recordingId) return;
    troubled = recordingId;
    onTrouble({ recordingId, reason });
  };

  return {
    note: (look) => {
      const isTooSoon = last?.recordingId === look.recordingId && look.atMs - last.atMs < MIN_QUALITY_SPACING_MS;
      if (isTooSoon || writing !== null) return;
      last = { recordingId: look.recordingId, atMs: look.atMs };
      writing = write(look);
    },
    idle: async () => writing ?? undefined,
  };
}

/** Appends a line; false when the file is as large as it may be. What was cut off in the middle of a line stays a line of its own. */
async function appendLine(files: Files, path: string, line: Uint8Array): Promise<boolean> {
  const kind = await files.kind(path);
  if (kind !== null && kind !== 'file') throw new AppError('CONFLICT', `${path} is not a file.`);
  const file = kind === null ? await files.create(path) : await files.open(path);
  try {
    const sizeBytes = await file.sizeBytes();
    const isCutOff = sizeBytes > 0 && (await lastByte(file, sizeBytes)) !== NEWLINE;
    const bytes = isCutOff ? Buffer.concat([Uint8Array.of(NEWLINE), line]) : line;
    if (sizeBytes + bytes.byteLength > MAX_QUALITY_SERIES_BYTES) return false;
    await file.write(bytes, sizeBytes);
    return true;
  } finally {
    await file.close();
  }
}

async function lastByte(file: OpenFile, sizeBytes: number): Promise<number | undefined> {
  return (await file.read(sizeBytes - 1, 1))[0];
}

/** The numbers of a person and their bars; the words follow from them. */
function compact(person: ParticipantQuality): object {
  const rounded = Object.entries(person).map(([name, value]) => [name, roundedTo(name, value)]);
  return { ...Object.fromEntries(rounded), words: undefined, measuredAtMs: undefined };
}

function roundedTo(name: string, value: string | number | null): string | number | null {
  if (typeof value !== 'number') return value;
  return Number(value.toFixed(name === 'packetLoss' ? 4 : 1));
}
