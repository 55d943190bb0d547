import type { ControlError } from '../../contract/control.ts';
import { AppError, toErrorShape } from '../../contract/errors.ts';
import { ERROR_STATUS, type ControlStatusCode } from './error-status.ts';

/** What goes back to whoever asked. */
export type Answer = {
  status: ControlStatusCode;
  body: string;
  headers: Readonly<Record<string, string>>;
  /** An error that the same request may not meet again a moment later. */
  retryable?: true;
};

/** On every answer: no guessing of its type, nowhere kept, in no page of another origin. */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

const JSON_HEADERS = { ...COMMON_HEADERS, 'content-type': 'application/json; charset=utf-8' };

/** A JSON text without the envelope. */
export function plainAnswer(data: unknown): Answer {
  return { status: 200, body: JSON.stringify(data), headers: JSON_HEADERS };
}

/** The envelope of a success. */
export function successAnswer(status: 200 | 201, data: unknown, message: string): Answer {
  return { status, body: JSON.stringify({ success: true, data, message }), headers: JSON_HEADERS };
}

/** The envelope of an error; of one that is not typed nothing is told. */
export function errorAnswer(error: unknown): Answer {
  const { code, message, details, retryable } = toErrorShape(error);
  const envelope: ControlError = {
    success: false,
    error: { code, message, ...(details === undefined ? {} : { details }) },
  };
  return {
    status: ERROR_STATUS[code],
    body: JSON.stringify(envelope),
    headers: { ...JSON_HEADERS, ...headersOfError(code, details) },
    ...(retryable ? { retryable } : {}),
  };
}

/** Whether somebody has to look into it: a fault of the app, not of the request. */
export function isFault(error: unknown): boolean {
  return !(error instanceof AppError) || ERROR_STATUS[error.code] === 500;
}

function headersOfError(code: string, details: AppError['details']): Record<string, string> {
  if (code === 'UNAUTHORIZED') return { 'www-authenticate': 'Bearer realm="tallylight"' };
  const seconds = details?.['retryAfterSeconds'];
  return code === 'RATE_LIMITED' && typeof seconds === 'number' ? { 'retry-after': String(seconds) } : {};
}
