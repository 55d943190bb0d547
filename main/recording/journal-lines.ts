import { crc32 } from 'node:zlib';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import type { RecordingId } from '../../contract/ids.ts';
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

/** How the reading of a journal ended. */
export type JournalEnd = {
  /** Length of the longest valid prefix: all records up to here are good. */
  validBytes: number;
  /** `torn`: only the last line is damaged, as a crash leaves it; `newer`: written by a later version, not to be touched. */
  ending: 'clean' | 'torn' | 'damaged' | 'newer';
};

/** What reading a journal's bytes gave. */
export type JournalReading = JournalEnd & { records: JournalRecord[] };

/** Takes a journal piece by piece, so that its length costs no memory. */
export type JournalReader = { push: (bytes: Uint8Array) => void; end: () => JournalEnd };

/**
 * Reads a journal line by line. `onRecord` gets the records of the longest valid prefix, `onBehind` the good ones behind a
 * damaged line: facts that may be wanted again, though nobody may count on what lies between. Lines of another recording than
 * `recordingId` are damage.
 */
export function createJournalReader(
  recordingId: RecordingId | null,
  onRecord: (record: JournalRecord) => void,
  onBehind: (record: JournalRecord) => void = () => undefined,
): JournalReader {
  let carry: Uint8Array[] = [];
  let carryBytes = 0;
  let seenBytes = 0;
  let validBytes = 0;
  /** Where the line that ended the prefix ends; null while all is good. */
  let badUntilBytes: number | null = null;
  let isNewer = false;
  let isForeign = false;

  const takeLine = (bytes: Uint8Array, endBytes: number): void => {
    const line = readLine(bytes);
    if (line.kind === 'good' && line.record.kind === 'started' && recordingId !== null) {
      isForeign = line.record.recordingId !== recordingId;
    }
    if (line.kind === 'newer') isNewer = true;
    else if (line.kind === 'bad' || isForeign) badUntilBytes ??= endBytes;
    else if (badUntilBytes !== null || isNewer) onBehind(line.record);
    else {
      onRecord(line.record);
      validBytes = endBytes;
    }
  };

  return {
    push: (bytes) => {
      let at = 0;
      for (let end = bytes.indexOf(LINE_END); end !== -1; end = bytes.indexOf(LINE_END, at)) {
        const part = bytes.subarray(at, end);
        // Of a line that is too long only the length is known: what is left of it is not a line.
        const isTooLong = carryBytes + part.length > MAX_JOURNAL_LINE_BYTES;
        const line = isTooLong ? new Uint8Array(0) : carryBytes === 0 ? part : Buffer.concat([...carry, part]);
        takeLine(line, seenBytes + end + 1);
        carry = [];
        carryBytes = 0;
        at = end + 1;
      }
      const rest = bytes.subarray(at);
      if (carryBytes + rest.length > MAX_JOURNAL_LINE_BYTES) carry = [];
      else if (rest.length > 0) carry.push(rest.slice());
      carryBytes += rest.length;
      seenBytes += bytes.length;
    },
    end: () => {
      // A line that only a later version knows, even behind damage: then this version must not mend anything.
      if (isNewer) return { validBytes, ending: 'newer' };
      if (validBytes === seenBytes) return { validBytes, ending: 'clean' };
      const isTorn = badUntilBytes === null || badUntilBytes === seenBytes;
      return { validBytes, ending: isTorn ? 'torn' : 'damaged' };
    },
  };
}

/** Reads the longest valid prefix of a journal. */
export function readJournalLines(bytes: Uint8Array): JournalReading {
  const records: JournalRecord[] = [];
  const reader = createJournalReader(null, (record) => records.push(record));
  reader.push(bytes);
  return { records, ...reader.end() };
}

type Line = { kind: 'good'; record: JournalRecord } | { kind: 'bad' } | { kind: 'newer' };

function readLine(bytes: Uint8Array): Line {
  // 12 bytes of head: ["xxxxxxxx",  and one of tail.
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  const match = /^\["([0-9a-f]{8})",$/.exec(head);
  const body = bytes.subarray(12, -1);
  if (match === null || bytes.at(-1) !== 0x5d || sumOf(body) !== match[1]) return { kind: 'bad' };
  const value = parseJson(body);
  const parsed = parseUntrusted(journalRecordSchema, value);
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
