import { expect, test } from 'vitest';
import { journalLine, readJournalLines } from '../../main/recording/journal-lines.ts';
import type { JournalRecord } from '../../main/recording/journal-records.ts';
import { seededRandom } from '../support/lanes.ts';
import { crc32 } from 'node:zlib';

const notes = (count: number): JournalRecord[] =>
  Array.from({ length: count }, (_, index) => ({ kind: 'note', text: `note ${index} with ümlaut and "quotes"\n` }));
const bytesOf = (records: readonly JournalRecord[]): Uint8Array => Buffer.concat(records.map(journalLine));

test('what was written is read, and every line is JSON for anybody', () => {
  const records = notes(3);
  const bytes = bytesOf(records);
  expect(readJournalLines(bytes)).toEqual({ records, validBytes: bytes.length, ending: 'clean' });
  for (const line of Buffer.from(bytes).toString().trimEnd().split('\n')) expect(JSON.parse(line)).toHaveLength(2);
});

test('a line with a right sum and fields that convert to nothing is bad, and ends the valid prefix', () => {
  const good = notes(1);
  const body = JSON.stringify({ kind: 'note', version: 1, text: { length: { toString: 1, valueOf: 1 } } });
  const line = Buffer.from(`["${crc32(body).toString(16).padStart(8, '0')}",${body}]\n`);
  const reading = readJournalLines(Buffer.concat([bytesOf(good), line]));
  expect(reading).toMatchObject({ records: good, validBytes: bytesOf(good).length, ending: 'torn' });
});

test('an empty journal is clean and says nothing', () => {
  expect(readJournalLines(new Uint8Array())).toEqual({ records: [], validBytes: 0, ending: 'clean' });
});

test('cut at any byte, exactly the records before the cut are read', () => {
  const records = notes(4);
  const lines = records.map(journalLine);
  const bytes = Buffer.concat(lines);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    let whole = 0;
    let end = 0;
    while (whole < lines.length && end + (lines[whole]?.length ?? 0) <= cut) {
      end += lines[whole]?.length ?? 0;
      whole += 1;
    }
    const reading = readJournalLines(bytes.subarray(0, cut));
    expect(reading.records).toEqual(records.slice(0, whole));
    expect(reading.validBytes).toBe(end);
    expect(reading.ending).toBe(cut === end ? 'clean' : 'torn');
  }
});

test('one changed bit anywhere ends the valid prefix before its line', () => {
  const records = notes(4);
  const lines = records.map(journalLine);
  const bytes = Buffer.concat(lines);
  const random = seededRandom(3);
  for (let round = 0; round < 400; round += 1) {
    const at = Math.floor(random() * bytes.length);
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    let line = 0;
    for (let end = lines[0]?.length ?? 0; end <= at; end += lines[line]?.length ?? 0) line += 1;
    const reading = readJournalLines(damaged);
    expect(reading.records).toEqual(records.slice(0, line));
    expect(reading.ending).not.toBe('clean');
  }
});

test('zeros after a power cut are a torn end', () => {
  const records = notes(2);
  const bytes = Buffer.concat([bytesOf(records), Buffer.alloc(300)]);
  expect(readJournalLines(bytes)).toMatchObject({ records, ending: 'torn' });
});

test('a record of a kind that only a later version knows is not taken for damage', () => {
  const json = '{"kind":"translated","atMs":12}';
  const line = `["${crc32(json).toString(16).padStart(8, '0')}",${json}]\n`;
  const records = notes(1);
  const reading = readJournalLines(Buffer.concat([bytesOf(records), Buffer.from(line), bytesOf(records)]));
  expect(reading).toMatchObject({ records, ending: 'newer' });
});

test('damage with good lines behind it is told apart from a torn end', () => {
  const bytes = Buffer.concat([bytesOf(notes(1)), Buffer.from('["00000000",{"kind":"note"}]\n'), bytesOf(notes(1))]);
  expect(readJournalLines(bytes)).toMatchObject({ records: notes(1), ending: 'damaged' });
});
