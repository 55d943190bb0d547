import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { controlRoutes } from '../../contract/control-routes.ts';
import type { Recording } from '../../contract/recording.ts';
import { pageOf } from '../../main/control/listing.ts';
import { newestFirst } from '../../main/library/newest-first.ts';
import { shownRecording } from '../support/shown-recording.ts';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const at = (minute: number): string => new Date(Date.UTC(2026, 10, 22, 12, minute)).toISOString();
const recording = (n: number, over: object = {}): Recording =>
  shownRecording({ id: id(n), startedAt: at(n), title: `Talk ${n}`, ...over });
const query = (input: object) => controlRoutes.listRecordings.query.parse(input);

/** mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c): the same numbers at every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Goes through all pages; `between` changes what is there after each of them. */
function walk(
  start: readonly Recording[],
  limit: number,
  between = (rows: Recording[]): Recording[] => rows,
): string[] {
  let rows = newestFirst(start);
  const seen: string[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = pageOf(rows, query({ limit, ...(cursor === undefined ? {} : { cursor }) }));
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    seen.push(...page.rows.map((row) => row.id));
    if (page.nextCursor === null) return seen;
    // Told again and again, it would go on for ever.
    if (seen.length > 1_000) throw new Error('The pages do not end.');
    expect(page.rows.length).toBe(limit);
    cursor = page.nextCursor;
    rows = newestFirst(between([...rows]));
  }
}

describe('pages of the library', () => {
  it('are newest first, and end without a cursor', () => {
    const rows = newestFirst([1, 3, 2].map((n) => recording(n)));
    expect(pageOf(rows, query({}))).toEqual({ rows: [rows[0], rows[1], rows[2]], nextCursor: null });
    expect(rows.map(({ title }) => title)).toEqual(['Talk 3', 'Talk 2', 'Talk 1']);
  });

  it.each([1, 2, 3, 9, 10, 11])('of %i hold everything once', (limit) => {
    const all = Array.from({ length: 10 }, (_, n) => recording(n, { startedAt: at(n % 4) }));
    expect(walk(all, limit)).toEqual(newestFirst(all).map((row) => row.id));
  });

  it('of nothing are one empty page', () => {
    expect(pageOf([], query({}))).toEqual({ rows: [], nextCursor: null });
  });

  it('tell whatever is there all the time exactly once, whatever comes and goes between them', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = randomFrom(seed);
      const some = (count: number): number => Math.floor(random() * count);
      // Few minutes for many recordings: ties are the rule.
      const make = (): Recording => recording(0, { id: randomUUID(), startedAt: at(some(12)) });
      const start = Array.from({ length: 5 + some(30) }, make);
      const stayed = new Set(start.map((row) => row.id));
      const known = new Map(start.map((row) => [row.id as string, row]));
      const seen = walk(start, 1 + some(6), (rows) => {
        const kept = rows.filter((row) => {
          const isGone = random() < 0.15;
          if (isGone) stayed.delete(row.id);
          return !isGone;
        });
        const added = random() < 0.7 ? Array.from({ length: some(4) }, make) : [];
        for (const row of added) known.set(row.id, row);
        return [...kept, ...added];
      });
      expect(new Set(seen).size, `seed ${seed}: nothing twice`).toBe(seen.length);
      for (const each of stayed) expect(seen, `seed ${seed}: nothing left out`).toContain(each);
      const told = seen.flatMap((each) => known.get(each) ?? []);
      expect(
        newestFirst(told).map((row) => row.id),
        `seed ${seed}: in order`,
      ).toEqual(seen);
    }
  });

  it('go on after a recording that was deleted itself', () => {
    const rows = newestFirst([1, 2, 3].map((n) => recording(n)));
    const first = pageOf(rows, query({ limit: 1 }));
    expect(first.rows.map((row) => row.title)).toEqual(['Talk 3']);
    const without = rows.filter((row) => row.title !== 'Talk 3');
    const second = pageOf(without, query({ limit: 5, cursor: first.nextCursor }));
    expect(second.rows.map((row) => row.title)).toEqual(['Talk 2', 'Talk 1']);
  });

  it('count only what fits: the cursor of a filtered list leads to the next that fits', () => {
    const rows = newestFirst(
      Array.from({ length: 9 }, (_, n) => recording(n, n % 3 === 0 ? {} : { status: 'failed' })),
    );
    const first = pageOf(rows, query({ status: 'completed', limit: 2 }));
    expect(first.rows.map((row) => row.title)).toEqual(['Talk 6', 'Talk 3']);
    const second = pageOf(rows, query({ status: 'completed', limit: 2, cursor: first.nextCursor }));
    expect(second).toMatchObject({ rows: [{ title: 'Talk 0' }], nextCursor: null });
    // What is left fits no more: there is no next page.
    expect(pageOf(rows, query({ status: 'completed', limit: 3 })).nextCursor).toBeNull();
  });

  it.each([
    ['text', 'hello'],
    ['a cut one', Buffer.from('1700000000000').toString('base64url')],
    ['another id', Buffer.from('1700000000000.../../etc/passwd').toString('base64url')],
    ['a number that is none', Buffer.from(`1e9.${id(1)}`).toString('base64url')],
    ['more behind it', Buffer.from(`1700000000000.${id(1)}x`).toString('base64url')],
    ['a line break', Buffer.from(`1700000000000.${id(1)}\n`).toString('base64url')],
    ['other characters', '%%%%'],
  ])('refuse a cursor that is none: %s', (_, cursor) => {
    expect(() => pageOf([recording(1)], query({ cursor }))).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', details: { field: 'cursor' } }),
    );
  });
});

describe('what is looked for', () => {
  const rows = newestFirst([
    recording(1, { title: 'Café Zürich' }),
    recording(2, { participantNames: ['Ada', 'Grace'] }),
    recording(3, { markers: [{ id: id(900), atMs: 5, name: 'Goal by ADA' }] }),
    recording(4, { title: 'Other', participantNames: ['Ben'], startedAt: at(60) }),
  ]);
  const titles = (input: object): string[] => pageOf(rows, query(input)).rows.map(({ title }) => title);

  it('is found in the title, the people and the markers, in small letters or large', () => {
    expect(titles({ q: 'ada' })).toEqual(['Talk 3', 'Talk 2']);
    expect(titles({ q: 'ZÜRICH' })).toEqual(['Café Zürich']);
    expect(titles({ q: 'BEN' })).toContain('Other');
  });

  it('is found however its letters are composed', () => {
    expect(titles({ q: 'cafe\u0301' })).toEqual(['Café Zürich']);
  });

  it('is never found across two of them', () => {
    expect(titles({ q: 'adagrace' })).toEqual([]);
    expect(titles({ q: 'Grace\nAda' })).toEqual([]);
  });

  it('of nothing is everything', () => {
    expect(titles({ q: '   ' })).toHaveLength(4);
  });

  it('may have begun from an instant until another one, both included, in any time zone', () => {
    expect(titles({ from: at(2), to: at(3) })).toEqual(['Talk 3', 'Talk 2']);
    expect(titles({ from: '2026-11-22T13:03:00+01:00' })).toEqual(['Other', 'Talk 3']);
    expect(titles({ to: at(1) })).toEqual(['Café Zürich']);
    expect(titles({ from: at(3), to: at(2) })).toEqual([]);
  });
});
