import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { judgeChecksum } from '../../main/cloud/s3/checksum.ts';

const digest = (text: string | Uint8Array): Buffer => createHash('sha256').update(text).digest();
const hash = (...parts: string[]) => ({
  sizeBytes: parts.join('').length,
  partBytes: parts[0]?.length ?? 0,
  partSha256: parts.map((part) => digest(part).toString('hex')),
  md5Hex: null,
});
const composite = (...parts: string[]): string => digest(Buffer.concat(parts.map(digest))).toString('base64');

test('the digest over the digests of the same parts is believed', () => {
  expect(judgeChecksum(`${composite('aaaa', 'bbbb', 'c')}-3`, hash('aaaa', 'bbbb', 'c'))).toBe('same');
  expect(judgeChecksum(`${composite('aaaa')}-1`, hash('aaaa'))).toBe('same');
});

test('a digest over other content is different', () => {
  expect(judgeChecksum(`${composite('aaaa', 'bbbb', 'd')}-3`, hash('aaaa', 'bbbb', 'c'))).toBe('different');
  expect(judgeChecksum(`${composite('bbbb', 'aaaa', 'c')}-3`, hash('aaaa', 'bbbb', 'c'))).toBe('different');
  expect(judgeChecksum(digest('b').toString('base64'), hash('a'))).toBe('different');
});

test('the digest of an object in one piece is believed', () => {
  expect(judgeChecksum(digest('aaaa').toString('base64'), hash('aaaa'))).toBe('same');
});

test.each([
  ['nothing', undefined],
  ['an empty word', ''],
  ['an MD5', `${createHash('md5').update('x').digest('base64')}-3`],
  ['another number of parts', `${composite('aaaa', 'bbbb')}-2`],
  ['the digest of the first part only, without a count', digest('aaaa').toString('base64')],
  ['more behind it', `${composite('aaaa', 'bbbb', 'c')}-3, x`],
])('%s says nothing about the content', (_name, told) => {
  expect(judgeChecksum(told, hash('aaaa', 'bbbb', 'c'))).toBe('unknown');
});

test('without parts to compare with nothing is the same', () => {
  expect(judgeChecksum(`${composite()}-0`, { ...hash('a'), partSha256: [] })).toBe('unknown');
});
