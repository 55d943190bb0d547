import type { ErrorCode } from '../../contract/errors.ts';

/** What an error means for an upload. */
export type ErrorClass =
  /** The way or the server is not there for a while: tried again for ever. */
  | 'transient'
  /** The key is not accepted, or may not do it: tried again when there is another one. */
  | 'auth'
  /** Something is set up wrongly: tried again when it is set up otherwise. */
  | 'config'
  | 'sourceChanged'
  /** The server forgot the upload: from the beginning, once. */
  | 'gone'
  /** Trying again changes nothing. */
  | 'permanent';

const CLASSES: Partial<Record<ErrorCode, ErrorClass>> = {
  CLOUD_UNREACHABLE: 'transient',
  CLOUD_BUSY: 'transient',
  CLOUD_KEY_WRONG: 'auth',
  CLOUD_FORBIDDEN: 'auth',
  CLOUD_NOT_SET_UP: 'config',
  CLOUD_BUCKET_MISSING: 'config',
  CLOUD_CLOCK_WRONG: 'config',
  CLOUD_CREDENTIALS_INVALID: 'config',
  SECRETS_UNAVAILABLE: 'config',
  SOURCE_CHANGED: 'sourceChanged',
  CLOUD_UPLOAD_GONE: 'gone',
};

/** The class of an error. */
export function errorClass(code: ErrorCode): ErrorClass {
  return CLASSES[code] ?? 'permanent';
}

/** Whether what failed for this reason can go on where it was, with what the server already has. */
export function canGoOn(code: ErrorCode): boolean {
  const kind = errorClass(code);
  return kind === 'transient' || kind === 'auth' || kind === 'config';
}

/** Whether it is tried again by itself when settings or credentials change. */
export function isRetriedByChange(code: ErrorCode): boolean {
  const kind = errorClass(code);
  return kind === 'auth' || kind === 'config';
}

const BASE_MS = 1_000;
const CAP_MS = 60_000;

/** A server that asks for more patience than this is asked again all the same. */
const LONGEST_ASKED_MS = 300_000;

/**
 * How long to wait after so many failures in a row (from 1) without any bytes getting through: anywhere below a ceiling that
 * doubles from 1 s to 60 s ("full jitter", https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), at least
 * as long as the server asked for. `random` lies in [0, 1).
 */
export function retryDelayMs(failures: number, random: number, askedMs = 0): number {
  const ceilingMs = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures - 1, 10));
  return Math.max(random * ceilingMs, Math.min(askedMs, LONGEST_ASKED_MS));
}
