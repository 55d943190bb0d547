import type { Answer } from './answer.ts';

/** One use of an Idempotency-Key. */
type Entry = {
  /** What was asked for: the same key for something else is a mistake. */
  fingerprint: string;
  /** Null while the first request is at work. */
  answer: Answer | null;
  atMs: number;
};

/** Uses of keys, by identity, route and key; the oldest first. */
export type IdempotencyBook = ReadonlyMap<string, Entry>;

export const NO_KEYS: IdempotencyBook = new Map();

type Limits = { maxIdempotencyKeys: number; idempotencyMs: number };

/** What to do with a request that has a key. */
export type Decision =
  | { kind: 'run'; book: IdempotencyBook }
  | { kind: 'wait' }
  | { kind: 'replay'; answer: Answer }
  | { kind: 'conflict' }
  | { kind: 'full' };

/** Decides it; `run` comes with a book in which the request has its place. */
export function decide(
  book: IdempotencyBook,
  request: { place: string; fingerprint: string; nowMs: number },
  limits: Limits,
): Decision {
  const kept = withoutOld(book, request.nowMs, limits);
  const before = kept.get(request.place);
  if (before !== undefined) {
    if (before.fingerprint !== request.fingerprint) return { kind: 'conflict' };
    return before.answer === null ? { kind: 'wait' } : { kind: 'replay', answer: before.answer };
  }
  const roomy = withRoom(kept, limits.maxIdempotencyKeys);
  if (roomy === null) return { kind: 'full' };
  const entry: Entry = { fingerprint: request.fingerprint, answer: null, atMs: request.nowMs };
  return { kind: 'run', book: new Map([...roomy, [request.place, entry]]) };
}

/** Keeps the answer of a request that ran; one that may go otherwise at the next try (5xx, 429, no way to a server) is not kept. */
export function settle(book: IdempotencyBook, place: string, answer: Answer, nowMs: number): IdempotencyBook {
  const entry = book.get(place);
  if (entry === undefined) return book;
  const next = new Map(book);
  next.delete(place);
  if (answer.status < 500 && answer.status !== 429 && answer.retryable !== true)
    next.set(place, { ...entry, answer, atMs: nowMs });
  return next;
}

function withoutOld(book: IdempotencyBook, nowMs: number, { idempotencyMs }: Limits): IdempotencyBook {
  return new Map([...book].filter(([, { answer, atMs }]) => answer === null || nowMs - atMs < idempotencyMs));
}

/** Makes room for one more by forgetting the oldest answers; null when all places are at work. */
function withRoom(book: IdempotencyBook, maxKeys: number): IdempotencyBook | null {
  const next = new Map(book);
  for (const [place, { answer }] of book) {
    if (next.size < maxKeys) break;
    if (answer !== null) next.delete(place);
  }
  return next.size < maxKeys ? next : null;
}
