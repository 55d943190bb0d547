import { AppError } from '../../../contract/errors.ts';
import { cleanWord, networkProblem, oddAnswer, statusProblem } from '../cloud-errors.ts';

/** Codes of a request that went to another region than the bucket's (docs: S3 error responses). */
const ELSEWHERE = new Set([
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
]);
const MAX_RETRY_AFTER_MS = 10 * 60_000;

/** What an error of the S3 library means for the app; nothing of the library's error goes on. */
export function s3Problem(error: unknown, what: string): AppError {
  const network = networkProblem(error);
  if (network !== null) return network;
  const facts = factsOf(error);
  if (facts.name === 'CredentialsProviderError' || facts.name === 'TokenProviderError') {
    return new AppError('CLOUD_CREDENTIALS_INVALID', `${what}: no key was found where this computer keeps them.`);
  }
  if (facts.message.startsWith('Region is missing')) {
    return new AppError('CLOUD_NOT_SET_UP', 'The region of the bucket is not set.');
  }
  const { status, code } = facts;
  if (facts.region !== '' && (ELSEWHERE.has(code) || status === 301 || status === 307)) {
    return new AppError('CLOUD_REFUSED', `${what}: the bucket is in the region ${facts.region}.`);
  }
  if (status === null || status < 300) return oddAnswer(what);
  const retryAfter = facts.retryAfterMs === null ? {} : { retryAfterMs: facts.retryAfterMs };
  return statusProblem({ status, code, what, ...retryAfter });
}

/** Whether an answer says that there is no such upload: after an abort radosgw speaks of the key instead. */
export function saysGone(error: unknown): boolean {
  const { code } = factsOf(error);
  return code === 'NoSuchUpload' || code === 'NoSuchKey';
}

/** Whether an answer says that there is no such object; the answer to HEAD has no body and so no code. */
export function saysMissing(error: unknown): boolean {
  const { code, status } = factsOf(error);
  return code === 'NoSuchKey' || (status === 404 && (code === 'NotFound' || code === ''));
}

type Facts = {
  name: string;
  message: string;
  status: number | null;
  code: string;
  region: string;
  retryAfterMs: number | null;
};

function factsOf(error: unknown): Facts {
  const name = textOf(error, 'name');
  const message = textOf(error, 'message');
  const status = get(get(error, '$metadata'), 'httpStatusCode');
  const headers = get(get(error, '$response'), 'headers');
  // The library's words for an answer without a code of its own.
  const code = ['Error', 'Unknown', 'UnknownError', 'S3ServiceException'].includes(name) ? '' : name;
  // Servers tell it in a header, in the answer's document, or only in its sentence.
  const region =
    textOf(headers, 'x-amz-bucket-region') ||
    textOf(error, 'Region') ||
    (/expecting '([a-z0-9-]+)'/.exec(message)?.[1] ?? '');
  const retryAfter = textOf(headers, 'retry-after');
  return {
    name,
    message,
    status: typeof status === 'number' ? status : null,
    code,
    region: cleanWord(region),
    retryAfterMs: /^\d{1,6}$/.test(retryAfter) ? Math.min(Number(retryAfter) * 1000, MAX_RETRY_AFTER_MS) : null,
  };
}

function get(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown, name: string): string {
  const text = get(value, name);
  return typeof text === 'string' ? text : '';
}
