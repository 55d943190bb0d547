import type { JournalRecord } from '../recording/journal-records.ts';
import type { CloudFileModel } from '../recording/recording-model.ts';
import type { CallOptions, CloudTarget, ObjectSpec, SentPart } from './cloud-target.ts';
import type { HashedFile } from './hashed-file.ts';
import type { SourceFile } from './source-file.ts';
import { partCount, partPlace } from './upload-plan.ts';
import type { ServerParts } from './upload-state.ts';

/** Two buffers are all the memory that an upload takes, whatever the size of its file. */
export const BUFFERS = 2;

/** What is still to be sent of a part. */
export type MissingPart = {
  number: number;
  /** Bytes at its beginning that the server has already. */
  skipBytes: number;
};

/**
 * What a server lacks, in order, and what it has of the rest. A part that the journal does not know, or knows otherwise, is not
 * believed: its bytes may be those of a file that was changed since.
 */
export function compareParts(
  object: Pick<ObjectSpec, 'sizeBytes' | 'partBytes'>,
  journaled: CloudFileModel['parts'],
  server: ServerParts,
): { missing: MissingPart[]; has: SentPart[] } {
  const missing: MissingPart[] = [];
  const has: SentPart[] = [];
  const known = new Map(journaled.map((part) => [part.part, part]));
  const there = new Map(server.kind === 'parts' ? server.parts.map((part) => [part.number, part]) : []);
  for (let number = 1; number <= partCount(object); number += 1) {
    const { offsetBytes, sizeBytes } = partPlace(object, number);
    if (server.kind === 'offset') {
      const skipBytes = Math.min(sizeBytes, Math.max(0, server.receivedBytes - offsetBytes));
      if (skipBytes === sizeBytes) has.push({ number, sizeBytes, etag: known.get(number)?.etag ?? '' });
      else missing.push({ number, skipBytes });
      continue;
    }
    const part = there.get(number);
    const record = known.get(number);
    const isGood =
      part !== undefined &&
      record !== undefined &&
      part.sizeBytes === sizeBytes &&
      record.sizeBytes === sizeBytes &&
      (part.etag === '' || record.etag === '' || part.etag === record.etag);
    if (isGood) has.push(part);
    else missing.push({ number, skipBytes: 0 });
  }
  return { missing, has };
}

export type SendPartsOptions = {
  target: CloudTarget;
  object: ObjectSpec;
  session: string;
  source: Pick<SourceFile, 'check'>;
  hashed: HashedFile;
  uploadId: string;
  parts: { missing: readonly MissingPart[]; has: readonly SentPart[] };
  isJournaled: (number: number) => boolean;
  buffers: readonly Uint8Array[];
  signal: AbortSignal;
  /** What each request gets. */
  call: (part: number) => CallOptions;
  record: (record: JournalRecord) => Promise<void>;
  /** A part is there, or was given up. */
  onPartEnded: (part: number, isThere: boolean) => void;
};

/**
 * Sends what the server lacks and journals each part that it confirmed; returns what it has then. After a failure nothing new is
 * begun, what is under way is waited for, and the first failure is thrown.
 */
export async function sendParts(options: SendPartsOptions): Promise<SentPart[]> {
  const { target, object, session, source, hashed, uploadId, signal } = options;
  const sent = new Map(options.parts.has.map((part) => [part.number, part]));
  const free = [...options.buffers];
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];

  const send = async (missing: MissingPart, bytes: Uint8Array, sha256Hex: string): Promise<void> => {
    const { number, skipBytes } = missing;
    const { offsetBytes, sizeBytes } = partPlace(object, number);
    let isThere = false;
    try {
      const { etag } = await target.sendPart(
        object,
        session,
        {
          number,
          offsetBytes: offsetBytes + skipBytes,
          bytes: bytes.subarray(skipBytes),
          sha256Hex,
          isLast: offsetBytes + sizeBytes === object.sizeBytes,
        },
        options.call(number),
      );
      await options.record({ kind: 'cloudPart', uploadId, part: number, sizeBytes, etag, sha256Hex });
      sent.set(number, { number, sizeBytes, etag });
      isThere = true;
    } catch (error) {
      failures.push(error);
    } finally {
      options.onPartEnded(number, isThere);
    }
  };

  for (const missing of options.parts.missing) {
    while (failures.length === 0 && free.length === 0) await Promise.race(underWay);
    const buffer = free.pop();
    if (failures.length > 0 || buffer === undefined) break;
    try {
      // Read while the other one is on its way.
      const { bytes, sha256Hex } = await hashed.readPart(missing.number, buffer, signal);
      await source.check();
      while (failures.length === 0 && underWay.size >= target.partsInFlight) await Promise.race(underWay);
      if (failures.length > 0) break;
      const work = send(missing, bytes, sha256Hex).finally(() => {
        underWay.delete(work);
        free.push(buffer);
      });
      underWay.add(work);
    } catch (error) {
      failures.push(error);
      break;
    }
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
  await journalSkipped(options);
  return [...sent.values()].sort((a, b) => a.number - b.number);
}

/** What a server has that counts by offset, and the journal does not know: told, so that the progress is right after a restart. */
async function journalSkipped({ parts, hashed, uploadId, isJournaled, record }: SendPartsOptions): Promise<void> {
  for (const { number, sizeBytes, etag } of parts.has) {
    const sha256Hex = hashed.hashOf(number);
    if (isJournaled(number) || sha256Hex === null) continue;
    await record({ kind: 'cloudPart', uploadId, part: number, sizeBytes, etag, sha256Hex });
  }
}
