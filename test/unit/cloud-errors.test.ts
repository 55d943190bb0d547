import { expect, test } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import { cleanWord, networkProblem, statusProblem } from '../../main/cloud/cloud-errors.ts';

const withCode = (code: string, message = `failed at https://key:secret@host ${code}`): Error =>
  Object.assign(new Error(message), { code });

test.each([
  'ENOTFOUND',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EPROTO',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'HPE_INVALID_CONSTANT',
])('%s is a network that may come back, told without what the error knew', (code) => {
  const problem = networkProblem(withCode(code));
  expect(problem).toMatchObject({ code: 'CLOUD_UNREACHABLE', retryable: true });
  expect(problem?.message).not.toMatch(/secret|https:/);
  expect(problem?.cause).toBeUndefined();
});

test('the reason is found inside other errors: one for each address, or as a cause', () => {
  const each = new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')], '');
  expect(networkProblem(each)?.code).toBe('CLOUD_UNREACHABLE');
  expect(networkProblem(new Error('fetch failed', { cause: withCode('ECONNRESET') }))?.code).toBe('CLOUD_UNREACHABLE');
  expect(networkProblem(new Error('socket hang up'))?.code).toBe('CLOUD_UNREACHABLE');
  expect(networkProblem(Object.assign(new Error('slow'), { name: 'TimeoutError' }))?.code).toBe('CLOUD_UNREACHABLE');
});

test('an error that is its own cause does not hold us', () => {
  const error: Error & { cause?: unknown } = new Error('round');
  error.cause = error;
  expect(networkProblem(error)).toBeNull();
});

test('an abort is told as one', () => {
  expect(networkProblem(new DOMException('x', 'AbortError'))).toMatchObject({ code: 'ABORTED', retryable: false });
  expect(networkProblem(withCode('ABORT_ERR'))?.code).toBe('ABORTED');
});

test('an error of ours stays what it is, and loses what a library hung on it', () => {
  const error = Object.assign(new AppError('CLOUD_UPLOAD_GONE', 'Gone.', { retryable: true, cause: new Error('x') }), {
    $metadata: { requestId: 'r' },
  });
  const problem = networkProblem(error);
  expect(problem).toMatchObject({ code: 'CLOUD_UPLOAD_GONE', message: 'Gone.', retryable: true });
  expect(problem).not.toHaveProperty('$metadata');
  expect(problem?.cause).toBeUndefined();
});

test.each([undefined, null, 'ECONNRESET', new Error('something else'), { code: 7 }])(
  '%o is no network problem',
  (error) => {
    expect(networkProblem(error)).toBeNull();
  },
);

test.each([
  [null, 'SlowDown', 'CLOUD_BUSY'],
  [599, '', 'CLOUD_BUSY'],
  [408, '', 'CLOUD_BUSY'],
  [401, '', 'CLOUD_KEY_WRONG'],
  [403, 'rateLimitExceeded', 'CLOUD_BUSY'],
  [403, '', 'CLOUD_FORBIDDEN'],
  [503, 'InvalidAccessKeyId', 'CLOUD_KEY_WRONG'],
  [404, '', 'CLOUD_REFUSED'],
  [409, 'OperationAborted', 'CLOUD_BUSY'],
] as const)('status %s with code "%s" is %s', (status, code, expected) => {
  const problem = statusProblem({ status, code, what: 'Trying' });
  expect(problem.code).toBe(expected);
  expect(problem.message.startsWith('Trying: ')).toBe(true);
});

test('a code of the server stands in the message short and clean', () => {
  const code = `Odd<script>\u0000\n"${'x'.repeat(500)}`;
  const { message } = statusProblem({ status: 400, code, what: 'Trying' });
  expect(message).toMatch(/^Trying: the server refused \(400 Oddscriptx+\)\.$/);
  expect(message.length).toBeLessThan(120);
  expect(cleanWord('a b/c?d=e')).toBe('abcde');
});
