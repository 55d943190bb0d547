import { expect, test } from 'vitest';
import { readObject, readOffset, refusal } from '../../main/cloud/gcs/gcs-answers.ts';
import { signInProblem } from '../../main/cloud/gcs/gcs-library.ts';

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
  status,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  header: (name: string) => headers[name] ?? '',
});
const errorOf = (message: string, reason: string) => ({ error: { message, errors: [{ message, reason }] } });

test('a Range names the last byte that is stored, and no Range means none', () => {
  expect(readOffset('bytes=0-42', 100)).toBe(43);
  expect(readOffset('bytes=0-99', 100)).toBe(100);
  expect(readOffset('', 100)).toBe(0);
});

test('a Range that makes no sense, or promises more than there is, is not believed', () => {
  for (const range of ['bytes=0-100', 'bytes=1-42', 'bytes=0-', '0-42', 'bytes=0-42,50-60', 'bytes=0--1']) {
    expect(readOffset(range, 100), range).toBeNull();
  }
});

test('metadata of an object are read with or without a hash, and nothing else passes for them', () => {
  const md5Hash = Buffer.alloc(16, 7).toString('base64');
  expect(readObject(Buffer.from(JSON.stringify({ size: '5', generation: '9', md5Hash })))).toEqual({
    sizeBytes: 5,
    generation: '9',
    md5Hex: '07'.repeat(16),
  });
  expect(readObject(Buffer.from('{"size":"5","generation":"9"}'))?.md5Hex).toBeNull();
  for (const text of [
    '',
    '[]',
    'null',
    '{"size":5,"generation":"9"}',
    '{"size":"-5","generation":"9"}',
    '{"error":{}}',
  ]) {
    expect(readObject(Buffer.from(text)), text).toBeNull();
  }
});

test('a bucket that is not there is told from an object that is not there', () => {
  const bucket = refusal(answer(404, errorOf('The specified bucket does not exist.', 'notFound')), 'X');
  expect(bucket.code).toBe('CLOUD_BUCKET_MISSING');
  expect(refusal(answer(404, 'No such object: a/b'), 'X').code).toBe('CLOUD_REFUSED');
});

test('bytes that were damaged on the way may be sent again, other bad requests not', () => {
  const message = 'Provided MD5 hash "a" doesn\'t match calculated MD5 hash "b".';
  const damaged = refusal(answer(400, errorOf(message, 'invalid')), 'X');
  expect([damaged.code, damaged.retryable]).toEqual(['CLOUD_BUSY', true]);
  const bad = refusal(answer(400, errorOf('Bad name', 'invalid')), 'X');
  expect([bad.code, bad.retryable]).toEqual(['CLOUD_REFUSED', false]);
});

test('a sign-in tells a wrong clock, a wrong key, a busy service and missing credentials apart', () => {
  const refused = (error_description: string) => ({
    message: 'invalid_grant: secret things',
    response: { status: 400, data: { error: 'invalid_grant', error_description } },
  });
  const clock =
    'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.';
  expect(signInProblem(refused(clock)).code).toBe('CLOUD_CLOCK_WRONG');
  expect(signInProblem(refused('Invalid JWT Signature.')).code).toBe('CLOUD_KEY_WRONG');
  expect(signInProblem(refused('Invalid grant: account not found')).code).toBe('CLOUD_KEY_WRONG');
  expect(signInProblem({ response: { status: 503, data: '' } }).code).toBe('CLOUD_BUSY');
  expect(signInProblem(Object.assign(new Error('x'), { code: 'ENOTFOUND' })).code).toBe('CLOUD_UNREACHABLE');
  const none = signInProblem(new Error('Could not load the default credentials. secret things'));
  expect(none.code).toBe('CLOUD_CREDENTIALS_INVALID');
  for (const problem of [none, signInProblem(refused('secret things'))]) {
    expect(`${problem.message} ${JSON.stringify(problem)}`).not.toContain('secret');
  }
});
