import { AppError } from '../../contract/errors.ts';
import type { ControlQuery } from '../../contract/control.ts';
import type { Recording } from '../../contract/recording.ts';
import { byNewest, standingOf, type Standing } from '../library/newest-first.ts';

/** A page of recordings, and the cursor of the next one; null behind the last. */
export type Page = { rows: Recording[]; nextCursor: string | null };

// Thirteen digits of milliseconds reach the year 2286; an id has 36 characters (contract/ids.ts).
const CURSOR = /^(?<startedMs>-?\d{1,16})\.(?<id>[0-9a-f-]{36})$/;

const wordsOf = new WeakMap<Recording, readonly string[]>();

/**
 * One page of `rows`, which are newest first. A cursor names a place in that order and not a recording, so it stays good
 * whatever comes and goes: nothing that is there all the time is told twice or left out. Throws INVALID_INPUT for a cursor that is none.
 */
export function pageOf(rows: readonly Recording[], query: ControlQuery<'listRecordings'>): Page {
  const after = query.cursor === undefined ? null : standingFrom(query.cursor);
  const fits = filterFor(query);
  const page: Recording[] = [];
  let isMore = false;
  for (let at = after === null ? 0 : firstAfter(rows, after); at < rows.length; at += 1) {
    const row = rows[at];
    if (row === undefined || !fits(row)) continue;
    isMore = page.length === query.limit;
    if (isMore) break;
    page.push(row);
  }
  const last = page.at(-1);
  return { rows: page, nextCursor: isMore && last !== undefined ? cursorOf(last) : null };
}

function cursorOf(row: Recording): string {
  const { startedMs, id } = standingOf(row);
  return Buffer.from(`${startedMs}.${id}`).toString('base64url');
}

function standingFrom(cursor: string): Standing {
  const { startedMs, id } = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.groups ?? {};
  if (startedMs === undefined || id === undefined) {
    throw new AppError('INVALID_INPUT', 'This cursor is none that was given out. Begin without one.', {
      details: { field: 'cursor' },
    });
  }
  return { startedMs: Number(startedMs), id };
}

/** The first row that comes after this place. */
function firstAfter(rows: readonly Recording[], place: Standing): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && byNewest(standingOf(row), place) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function filterFor({ status, from, to, q }: ControlQuery<'listRecordings'>): (row: Recording) => boolean {
  const fromMs = from === undefined ? null : Date.parse(from);
  const toMs = to === undefined ? null : Date.parse(to);
  const words = q === undefined || q === '' ? null : plain(q);
  return (row) => {
    if (status !== undefined && row.status !== status) return false;
    if (fromMs !== null || toMs !== null) {
      const { startedMs } = standingOf(row);
      if ((fromMs !== null && startedMs < fromMs) || (toMs !== null && startedMs > toMs)) return false;
    }
    return words === null || searched(row).some((each) => each.includes(words));
  };
}

/** What can be found of a recording; kept as long as the library has this row, which is replaced and never changed. */
function searched(row: Recording): readonly string[] {
  const known = wordsOf.get(row);
  if (known !== undefined) return known;
  const words = [row.title, ...row.participantNames, ...row.markers.map(({ name }) => name)].map(plain);
  wordsOf.set(row, words);
  return words;
}

function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
