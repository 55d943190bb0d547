import type { IncomingMessage } from 'node:http';
import { describe } from './gcs-answer.ts';
import type { Answer } from './gcs-answer.ts';
import { parseContentRange } from './gcs-requests.ts';
import type { Bodies } from './gcs-requests.ts';
import type { Intake, StoredObject } from './gcs-store.ts';

/** What the fake server does wrong when a test asks for it. */
export type GcsFault =
  /** Refuses before it takes anything. */
  | { kind: 'status'; status: number; reason?: string; retryAfterSeconds?: number }
  /** Resets the connection after so many bytes of the body; whole blocks of them are kept. */
  | { kind: 'cut'; afterBytes: number }
  /** Reads all of a chunk, keeps so many bytes of it and says so. */
  | { kind: 'keepPart'; keptBytes: number }
  /** Does it, and resets the connection in place of an answer. */
  | { kind: 'loseAnswer' }
  /** Never answers. */
  | { kind: 'silent' }
  /** The session is gone from now on. */
  | { kind: 'forget'; status: 404 | 410 }
  /** Lies of metadata: another hash, a size one byte too small, no hash (as of composed objects). */
  | { kind: 'wrongMd5' }
  | { kind: 'shortSize' }
  | { kind: 'noMd5' }
  /** Lies of media: one byte changed, one byte missing. */
  | { kind: 'wrongByte' }
  | { kind: 'shortMedia' }
  /** Loses the last byte of an upload and calls it complete. */
  | { kind: 'loseLastByte' }
  /** Answers 200 with an error in its body. */
  | { kind: 'errorIn200' };

/** A resumable session. */
export type GcsSession = {
  id: string;
  bucket: string;
  name: string;
  contentType: string;
  /** As announced in X-Upload-Content-Length. */
  announcedBytes: number | null;
  intake: Intake;
  /** Counts requests: a newer one takes over from one whose connection may be dead. */
  turn: number;
  finished: StoredObject | null;
  gone: 404 | 410 | 499 | null;
};

/** Serves a chunk or an offset query of a session. */
export async function putToSession(
  session: GcsSession,
  request: IncomingMessage,
  answer: Answer,
  fault: GcsFault | null,
  insert: (at: GcsSession) => StoredObject,
  { readBody, drain }: Bodies,
): Promise<void> {
  session.turn += 1;
  const turn = session.turn;
  // What an older request left over was never kept.
  session.intake.dropRest();
  if (fault?.kind === 'forget') session.gone = fault.status;
  if (session.gone !== null) {
    await drain(request);
    answer.error(session.gone, 'notFound', 'The upload session is not known.');
    return;
  }
  if (session.finished !== null) {
    await drain(request);
    answer.json(200, describe(session.finished, fault?.kind));
    return;
  }
  const range = parseContentRange(request.headers['content-range']);
  if (range === null) {
    await drain(request);
    answer.error(400, 'badRequest', 'Failed to parse Content-Range header.');
    return;
  }
  const { announcedBytes } = session;
  if (announcedBytes !== null && range.totalBytes !== null && range.totalBytes !== announcedBytes) {
    await drain(request);
    answer.error(400, 'invalid', 'The total differs from X-Upload-Content-Length.');
    return;
  }
  const firstByte = range.firstByte ?? session.intake.keptBytes();
  if (firstByte > session.intake.keptBytes()) {
    await drain(request);
    answer.text(
      503,
      `Invalid request.  According to the Content-Range header, the upload offset is ${firstByte} byte(s), which exceeds already uploaded size of ${session.intake.keptBytes()} byte(s).`,
    );
    return;
  }
  // "Any bytes that are already persisted are ignored."
  let skip = session.intake.keptBytes() - firstByte;
  let room = fault?.kind === 'keepPart' ? fault.keptBytes : Infinity;
  if (fault?.kind === 'loseLastByte' && range.totalBytes !== null)
    room = range.totalBytes - session.intake.keptBytes() - 1;
  let seen = 0;
  const whole = await readBody(request, (piece) => {
    if (session.turn !== turn) return false;
    seen += piece.length;
    const cut = fault?.kind === 'cut' && seen >= fault.afterBytes;
    const until = cut ? piece.length - (seen - fault.afterBytes) : piece.length;
    const from = Math.min(skip, until);
    skip -= from;
    const taken = piece.subarray(from, Math.min(until, from + room));
    room -= taken.length;
    session.intake.take(taken);
    return !cut;
  });
  if (session.turn !== turn || !whole) {
    if (session.turn === turn) session.intake.dropRest();
    answer.cut();
    return;
  }
  const end = firstByte + seen;
  const complete = range.totalBytes !== null && end === range.totalBytes && fault?.kind !== 'keepPart';
  if (complete) {
    session.finished = insert(session);
    answer.json(200, describe(session.finished, fault?.kind));
    return;
  }
  session.intake.dropRest();
  const kept = session.intake.keptBytes();
  // "If the response has no Range header, no bytes were received."
  answer.send(308, kept === 0 ? {} : { range: `bytes=0-${kept - 1}` }, '');
}
