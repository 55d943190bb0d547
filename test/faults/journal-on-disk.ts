import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** A journal's record as it is on the disk, read without the app's own reader. */
export type RawRecord = Record<string, unknown> & { kind: string };

/** The records of a journal up to the first line that is not as it was written. */
export function rawRecords(bytes: Uint8Array): RawRecord[] {
  const records: RawRecord[] = [];
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  // What is behind the last line end is no line yet.
  for (const line of lines.slice(0, -1)) {
    const match = /^\["([0-9a-f]{8})",(.*)\]$/s.exec(line);
    const [, sum, json] = match ?? [];
    if (sum === undefined || json === undefined) break;
    if (crc32(Buffer.from(json)).toString(16).padStart(8, '0') !== sum) break;
    const record = JSON.parse(json) as RawRecord;
    // What another recording says is not about these files.
    if (record.kind === 'started' && record['recordingId'] !== (records[0] ?? record)['recordingId']) break;
    records.push(record);
  }
  return records;
}

/** The same of a recording's folder. */
export async function recordsIn(folder: string): Promise<RawRecord[]> {
  return rawRecords(await readFile(join(folder, 'journal.jsonl')));
}

/**
 * Says what a journal claims of files that are not so: bytes called durable that are not there, finished segments and results of
 * another size. `sizeOf` answers for paths relative to the recording's folder; null when there is no such file.
 */
export function statesAheadOfBytes(records: readonly RawRecord[], sizeOf: (file: string) => number | null): string[] {
  const claims: string[] = [];
  const segmentFiles = new Map<string, string>();
  const keyOf = (record: RawRecord): string => `${String(record['trackId'])}/${String(record['segment'])}`;
  const exact = new Map<string, number>();
  for (const record of records) {
    if (record.kind === 'segmentFile') segmentFiles.set(keyOf(record), String(record['file']));
    const file = segmentFiles.get(keyOf(record)) ?? null;
    if (record.kind === 'durable' && file !== null && (sizeOf(file) ?? -1) < Number(record['sizeBytes'])) {
      claims.push(
        `${file} is said to be durable up to ${Number(record['sizeBytes'])} and has ${sizeOf(file) ?? 'no'} bytes`,
      );
    }
    if (record.kind === 'segmentFinished' && file !== null) exact.set(file, Number(record['sizeBytes']));
    if (record.kind === 'deliverable') {
      const deliverable = record['deliverable'] as { file: string; sizeBytes: number };
      exact.set(deliverable.file, deliverable.sizeBytes);
    }
  }
  for (const [file, sizeBytes] of exact) {
    if (sizeOf(file) !== sizeBytes) {
      claims.push(`${file} is said to be finished with ${sizeBytes} bytes and has ${sizeOf(file) ?? 'none'}`);
    }
  }
  return claims;
}
