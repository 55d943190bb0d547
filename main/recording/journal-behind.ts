import type { JournalRecord } from './journal-records.ts';
import { MAX_RECORDS_BEHIND_DAMAGE } from './limits.ts';

/** Gathers what is of use of the good records behind a damaged place, in order. */
export function createBehind(): { add: (record: JournalRecord) => void; records: () => JournalRecord[] } {
  const kept: JournalRecord[] = [];
  /** Only the last word on each segment counts, and there are as many as seconds. */
  const durable = new Map<string, JournalRecord>();
  return {
    add: (record) => {
      if (record.kind === 'durable') durable.set(`${record.trackId}/${record.segment}`, record);
      else if (ofUse.has(record.kind) && kept.length < MAX_RECORDS_BEHIND_DAMAGE) kept.push(record);
    },
    records: () => [...kept, ...durable.values()],
  };
}

/** Facts that stay true whatever else is missing; states and results are found out again from the files. */
const ofUse: ReadonlySet<JournalRecord['kind']> = new Set([
  'trackOpened',
  'segmentOpened',
  'segmentFile',
  'segmentClosed',
  'stopping',
  'marker',
  'markerNamed',
  'markerRemoved',
  'renamed',
  'note',
  'pinned',
]);
