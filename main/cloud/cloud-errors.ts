import { AppError } from '../../contract/errors.ts';

/** What a server answered, or what its library made of it: the words that decide, nothing else. */
export type Refusal = {
  /** HTTP status; null where a library does not tell. */
  status: number | null;
  /** The provider's own code, for example "SlowDown"; empty where there is none. */
  code: string;
  /** What was being done, as the beginning of a sentence: "Sending a part". */
  what: string;
  /** As the server asked in Retry-After. */
  retryAfterMs?: number;
};

/** Codes of Node and libuv for a way that is not there, or ended on the way (nodejs.org/api/errors.html, uv.h). */
const WAY_LOST: Record<string, string> = {
  ENOTFOUND: 'no such address',
  EAI_AGAIN: 'the name could not be looked up',
  EAI_NODATA: 'the name could not be looked up',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  ECONNABORTED: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was cut',
  ERR_STREAM_DESTROYED: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ETIMEDOUT: 'no answer in time',
  ESOCKETTIMEDOUT: 'no answer in time',
  ERR_SOCKET_CONNECTION_TIMEOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'no answer in time',
  ENETUNREACH: 'no network',
  ENETDOWN: 'no network',
  EHOSTUNREACH: 'no way to the server',
  EHOSTDOWN: 'no way to the server',
  EADDRNOTAVAIL: 'no network',
  EPROTO: 'no secure connection',
  HPE_INVALID_CONSTANT: 'what answers there is no HTTP server',
};

/** Codes of OpenSSL's and Node's checks of a certificate, and of TLS as a whole. */
const TLS_CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/;

const BUSY_CODES = new Set([
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TooManyRequests',
  'RequestTimeout',
  'InternalError',
  'ServiceUnavailable',
  'OperationAborted',
  'ConditionalRequestConflict',
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'backendError',
  'internalError',
]);
/** The server saw other bytes than were sent: sent again they may arrive. */
const DAMAGED_CODES = new Set(['BadDigest', 'XAmzContentSHA256Mismatch', 'IncompleteBody', 'InvalidDigest']);
const KEY_CODES = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidToken',
  'ExpiredToken',
  'TokenRefreshRequired',
  'UnrecognizedClientException',
  'authError',
  'invalid_grant',
  'invalid_client',
]);
const CLOCK_CODES = new Set(['RequestTimeTooSkewed', 'RequestExpired']);

/** The error for a failure of the network or of an abort; null when it is something else. */
export function networkProblem(error: unknown): AppError | null {
  if (error instanceof AppError) return bare(error);
  for (const each of chain(error)) {
    if (each.name === 'AbortError' || each.code === 'ABORT_ERR') return abortedProblem();
    const words = wordsOf(each);
    if (words !== null) return unreachable(words);
  }
  return null;
}

/** The same without what libraries hung on it on its way. */
function bare({ code, message, retryable, details }: AppError): AppError {
  return new AppError(code, message, { retryable, ...(details === undefined ? {} : { details }) });
}

/** The error for a server that let `idleMs` pass without one byte. */
export function silentProblem(idleMs: number): AppError {
  return unreachable(`nothing moved for ${Math.round(idleMs / 1000)} seconds`);
}

/** The error for work that was ended from here. */
export function abortedProblem(): AppError {
  return new AppError('ABORTED', 'Stopped.');
}

/** The error for an answer that refuses. */
export function statusProblem(refusal: Refusal): AppError {
  const { status, code, what } = refusal;
  const told = tell(status, code);
  const retry = {
    retryable: true,
    ...(refusal.retryAfterMs === undefined ? {} : { details: { retryAfterMs: refusal.retryAfterMs } }),
  };
  if (DAMAGED_CODES.has(code)) {
    return new AppError('CLOUD_BUSY', `${what}: the bytes did not arrive as they were sent${told}.`, retry);
  }
  if (CLOCK_CODES.has(code)) {
    return new AppError('CLOUD_CLOCK_WRONG', `${what}: the clocks here and there are too far apart${told}.`);
  }
  if (KEY_CODES.has(code) || status === 401) {
    return new AppError('CLOUD_KEY_WRONG', `${what}: the server does not accept the key${told}.`);
  }
  if (code === 'NoSuchBucket') return new AppError('CLOUD_BUCKET_MISSING', `${what}: there is no such bucket.`);
  if (code === 'NoSuchUpload') {
    return new AppError('CLOUD_UPLOAD_GONE', `${what}: the server does not know this upload any more.`, {
      retryable: true,
    });
  }
  if (BUSY_CODES.has(code) || status === 429 || status === 408 || (status !== null && status >= 500)) {
    return new AppError('CLOUD_BUSY', `${what}: the server is busy${told}.`, retry);
  }
  if (status === 403) return new AppError('CLOUD_FORBIDDEN', `${what}: not allowed with this key${told}.`);
  return new AppError('CLOUD_REFUSED', `${what}: the server refused${told}.`);
}

/** The error for an answer that is none: a page of somebody in between, or half of it. Asked again, it may be the server's. */
export function oddAnswer(what: string): AppError {
  return new AppError('CLOUD_BUSY', `${what}: the server's answer could not be understood.`, { retryable: true });
}

/** A word of a server as it may stand in a message: short, and of plain characters. */
export function cleanWord(text: string, maxLength = 64): string {
  return text.replaceAll(/[^A-Za-z0-9._-]/g, '').slice(0, maxLength);
}

function tell(status: number | null, code: string): string {
  const words = [status === null ? '' : String(status), cleanWord(code)].filter((word) => word !== '');
  return words.length === 0 ? '' : ` (${words.join(' ')})`;
}

function unreachable(words: string): AppError {
  return new AppError('CLOUD_UNREACHABLE', `The bucket's server cannot be reached: ${words}.`, { retryable: true });
}

type Link = { name: string; code: string; message: string };

function wordsOf({ name, code, message }: Link): string | null {
  const known = WAY_LOST[code];
  if (known !== undefined) return known;
  if (TLS_CODE.test(code)) return `no secure connection (${cleanWord(code)})`;
  if (code.startsWith('HPE_')) return 'its answer was damaged on the way';
  if (name === 'TimeoutError') return 'no answer in time';
  if (/socket hang up|premature close|^aborted$/i.test(message)) return 'the connection was cut';
  return null;
}

/** An error, what it holds (one for each address that was tried) and what caused it; bounded. */
function chain(error: unknown): Link[] {
  const links: Link[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && links.length < 16) {
    const each = waiting.shift();
    if (typeof each !== 'object' || each === null) continue;
    const text = (name: string): string => {
      const value: unknown = Reflect.get(each, name);
      return typeof value === 'string' ? value : '';
    };
    links.push({ name: text('name'), code: text('code'), message: text('message') });
    waiting.push(Reflect.get(each, 'cause'));
    const inner: unknown = Reflect.get(each, 'errors');
    if (Array.isArray(inner)) waiting.push(...inner.slice(0, 8));
  }
  return links;
}
