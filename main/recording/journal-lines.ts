import { crc32 } from 'node:zlib';
import { MAX_JOURNAL_LINE_BYTES } from './limits.ts';
import { journalRecordSchema, JOURNAL_VERSION } from './journal-records.ts';
import type { JournalRecord } from './journal-records.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });
const LINE_END = 10;

/**
 * One record as one line: `["<crc32 in hex>",<record>]`. Still JSON for anyone who reads it, and the sum is over the
 * record's exact bytes, so that a torn or flipped line is known for what it is.
 */
export function journalLine(record: JournalRecord): Uint8Array {
  const json = JSON.stringify(record);
  return Buffer.from(`["${sumOf(Buffer.from(json))}",${json}]\n`);
}

/** What reading a journal's bytes gave. */
export type JournalReading = {
  records: JournalRecord[];
  /** Length of the longest valid prefix: all records up to here are good. */
  validBytes: number;
  /** `torn`: only the last line is damaged, as a crash leaves it; `newer`: written by a later version, not to be touched. */
  ending: 'clean' | 'torn' | 'damaged' | 'newer';
};

/** Reads the longest valid prefix of a journal. */
export function readJournalLines(bytes: Uint8Array): JournalReading {
  const records: JournalRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(LINE_END, at);
    if (end === -1) return { records, validBytes: at, ending: 'torn' };
    const line = readLine(bytes.subarray(at, end));
    if (line.kind === 'newer') return { records, validBytes: at, ending: 'newer' };
    if (line.kind === 'bad') {
      return { records, validBytes: at, ending: end === bytes.length - 1 ? 'torn' : 'damaged' };
    }
    records.push(line.record);
    at = end + 1;
  }
  return { records, validBytes: at, ending: 'clean' };
}

type Line = { kind: 'good'; record: JournalRecord } | { kind: 'bad' } | { kind: 'newer' };

function readLine(bytes: Uint8Array): Line {
  if (bytes.length > MAX_JOURNAL_LINE_BYTES) return { kind: 'bad' };
  // 12 bytes of head: ["xxxxxxxx",  and one of tail.
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  const match = /^\["([0-9a-f]{8})",$/.exec(head);
  const body = bytes.subarray(12, -1);
  if (match === null || bytes.at(-1) !== 0x5d || sumOf(body) !== match[1]) return { kind: 'bad' };
  const value = parseJson(body);
  const parsed = journalRecordSchema.safeParse(value);
  if (parsed.success) return { kind: 'good', record: parsed.data };
  // The sum is right, so somebody wrote this on purpose: a version that knows more than this one.
  return { kind: isRecordLike(value) ? 'newer' : 'bad' };
}

function isRecordLike(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  return !('version' in value) || (typeof value.version === 'number' && value.version > JOURNAL_VERSION);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return null;
  }
}

function sumOf(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}
