import { AppError } from '../../../contract/errors.ts';
import { statusProblem } from '../cloud-errors.ts';
import type { HttpAnswer } from './gcs-http.ts';

/** What the service says of an object; `md5Hex` is null for those that were composed of others. */
export type GcsObject = { sizeBytes: number; md5Hex: string | null; generation: string };

/** Reads an object's metadata; null when it is something else, for example an error that came with status 200. */
export function readObject(body: Buffer): GcsObject | null {
  const found = parseJson(body);
  const size = field(found, 'size');
  const generation = field(found, 'generation');
  if (!/^\d{1,15}$/.test(size) || !/^\d{1,20}$/.test(generation)) return null;
  const md5 = Buffer.from(field(found, 'md5Hash'), 'base64');
  return { sizeBytes: Number(size), md5Hex: md5.length === 16 ? md5.toString('hex') : null, generation };
}

/**
 * How many bytes a session has: "Range: bytes=0-42" means 43, no Range means none
 * (cloud.google.com/storage/docs/performing-resumable-uploads#status-check). Null when it cannot be understood.
 */
export function readOffset(range: string, sizeBytes: number): number | null {
  if (range === '') return 0;
  const last = /^bytes=0-(\d{1,15})$/.exec(range)?.[1];
  if (last === undefined) return null;
  const received = Number(last) + 1;
  return received <= sizeBytes ? received : null;
}

/** A session that was cancelled (499), is gone (410), or was never known or is older than a week (404). */
export function isGone(status: number): boolean {
  return status === 404 || status === 410 || status === 499;
}

/** Whether an answer 404 means the bucket; an object that is not there has the same status and reason. */
export function isBucketMissing(answer: Pick<HttpAnswer, 'status' | 'body'>): boolean {
  return answer.status === 404 && /bucket does not exist/i.test(answer.body.toString('utf8', 0, 2000));
}

/** The error for an answer that refuses; `what` is the beginning of a sentence. */
export function refusal(answer: HttpAnswer, what: string): AppError {
  if (isBucketMissing(answer)) return statusProblem({ status: 404, code: 'NoSuchBucket', what });
  const error = member(parseJson(answer.body), 'error');
  const errors = member(error, 'errors');
  const reason = field(Array.isArray(errors) ? errors[0] : undefined, 'reason');
  // The check of the hash that was sent along: what arrived was not what was sent.
  const damaged = answer.status === 400 && /hash .*match/i.test(field(error, 'message'));
  const retryAfterMs = readRetryAfter(answer.header('retry-after'));
  return statusProblem({
    status: answer.status,
    code: damaged ? 'BadDigest' : reason,
    what,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
}

/** The error for an answer of a good status that does not say what it must. */
export function nonsense(what: string): AppError {
  return new AppError('CLOUD_BUSY', `${what}: the server’s answer makes no sense.`, { retryable: true });
}

/** The error for a session that the server does not know (any more). */
export function goneProblem(what: string): AppError {
  return statusProblem({ status: null, code: 'NoSuchUpload', what });
}

/** What Google's token service says when a key is refused (RFC 6749, 5.2); null when it is not that. */
export function tokenProblem(status: number, data: unknown, what: string): AppError | null {
  const code = field(data, 'error');
  if (code === '') return null;
  // "Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values".
  const clock = code === 'invalid_grant' && /timeframe|\biat\b/i.test(field(data, 'error_description'));
  return statusProblem({ status, code: clock ? 'RequestTimeTooSkewed' : code, what });
}

function readRetryAfter(header: string): number | null {
  return /^\d{1,5}$/.test(header) ? Number(header) * 1000 : null;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function field(value: unknown, name: string): string {
  const found = member(value, name);
  return typeof found === 'string' ? found : '';
}
