import { describe, expect, it } from 'vitest';
import type { Answer } from '../../main/control/answer.ts';
import { decide, NO_KEYS, settle, type IdempotencyBook } from '../../main/control/idempotency-book.ts';

const limits = { maxIdempotencyKeys: 3, idempotencyMs: 1_000 };
const answer = (status: Answer['status'] = 201): Answer => ({ status, body: '{}', headers: {} });
const ask = (book: IdempotencyBook, place: string, nowMs = 0, fingerprint = 'same') =>
  decide(book, { place, fingerprint, nowMs }, limits);
const begin = (book: IdempotencyBook, place: string, nowMs = 0): IdempotencyBook => {
  const decision = ask(book, place, nowMs);
  if (decision.kind !== 'run') throw new Error(decision.kind);
  return decision.book;
};

describe('the book of repeated requests', () => {
  it('runs the first, lets the next wait, and replays afterwards', () => {
    const begun = begin(NO_KEYS, 'a');
    expect(ask(begun, 'a').kind).toBe('wait');
    const settled = settle(begun, 'a', answer(), 10);
    expect(ask(settled, 'a', 10)).toEqual({ kind: 'replay', answer: answer() });
    expect(ask(settled, 'b').kind).toBe('run');
  });

  it('changes no book that it was given', () => {
    const begun = begin(NO_KEYS, 'a');
    settle(begun, 'a', answer(), 0);
    expect([NO_KEYS.size, ask(begun, 'a').kind]).toEqual([0, 'wait']);
  });

  it('finds another request under the same key, also while the first is at work', () => {
    const begun = begin(NO_KEYS, 'a');
    expect(ask(begun, 'a', 0, 'other').kind).toBe('conflict');
    expect(ask(settle(begun, 'a', answer(), 0), 'a', 0, 'other').kind).toBe('conflict');
  });

  it('counts its time from the answer, and never forgets what is at work', () => {
    const begun = begin(NO_KEYS, 'a');
    expect(ask(begun, 'a', 1_000_000).kind).toBe('wait');
    const settled = settle(begun, 'a', answer(), 1_000_000);
    expect(ask(settled, 'a', 1_000_999).kind).toBe('replay');
    expect(ask(settled, 'a', 1_001_000).kind).toBe('run');
  });

  it.each([
    [200, 'replay'],
    [400, 'replay'],
    [409, 'replay'],
    [429, 'run'],
    [500, 'run'],
  ] as const)('after a %s says %s', (status, kind) => {
    expect(ask(settle(begin(NO_KEYS, 'a'), 'a', answer(status), 0), 'a').kind).toBe(kind);
  });

  it('forgets the oldest answer when it is full, and takes no more when all are at work', () => {
    let book = NO_KEYS;
    for (const place of ['a', 'b', 'c']) book = settle(begin(book, place), place, answer(), 0);
    book = begin(book, 'd');
    expect([ask(book, 'b').kind, ask(book, 'a').kind, book.size]).toEqual(['replay', 'run', 3]);
    book = begin(begin(book, 'e'), 'f');
    expect([ask(book, 'g').kind, book.size]).toEqual(['full', 3]);
    expect(ask(settle(book, 'e', answer(), 0), 'g').kind).toBe('run');
  });
});
