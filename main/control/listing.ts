import { AppError } from '../../contract/errors.ts';
import type { ControlQuery } from '../../contract/control-routes.ts';
import type { Recording } from '../../contract/recording.ts';
import { byNewest, firstWhere, standingOf, type Standing } from '../library/newest-first.ts';

/** A page of recordings, and the cursor of the next one; null behind the last. */
export type Page = { rows: Recording[]; nextCursor: string | null };

// Thirteen digits of milliseconds reach the year 2286; an id has 36 characters (contract/ids.ts).
const CURSOR = /^(?<startedMs>-?\d{1,16})\.(?<id>[0-9a-f-]{36})$/;

const wordsOf = new WeakMap<Recording, string>();

/** Between the words of a recording; nothing is found across it. */
const APART = '\0';

/**
 * One page of `rows`, which are newest first. A cursor names a place in that order and not a recording, so it stays good
 * whatever comes and goes: nothing that is there all the time is told twice or left out. Throws INVALID_INPUT for a cursor that is none.
 */
export function pageOf(rows: readonly Recording[], query: ControlQuery<'listRecordings'>): Page {
  const after = query.cursor === undefined ? null : standingFrom(query.cursor);
  const fromMs = query.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(query.from);
  const toMs = query.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(query.to);
  const begin = firstWhere(rows, (each) => each.startedMs <= toMs && (after === null || byNewest(each, after) > 0));
  const end = firstWhere(rows, ({ startedMs }) => startedMs < fromMs);
  const fits = filterFor(query);
  const page: Recording[] = [];
  let isMore = false;
  for (let at = begin; at < end && !isMore; at += 1) {
    const row = rows[at];
    if (row === undefined || !fits(row)) continue;
    if (page.length === query.limit) isMore = true;
    else page.push(row);
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

function filterFor({ status, q }: ControlQuery<'listRecordings'>): (row: Recording) => boolean {
  const words = q === undefined || q === '' ? null : plain(q);
  const isNowhere = words?.includes(APART) ?? false;
  return (row) => {
    if (isNowhere || (status !== undefined && row.status !== status)) return false;
    return words === null || searched(row).includes(words);
  };
}

/** What can be found of a recording; kept as long as the library has this row, which is replaced and never changed. */
function searched(row: Recording): string {
  const known = wordsOf.get(row);
  if (known !== undefined) return known;
  const words = plain([row.title, ...row.participantNames, ...row.markers.map(({ name }) => name)].join(APART));
  wordsOf.set(row, words);
  return words;
}

function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
