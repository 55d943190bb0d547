import { createHash } from 'node:crypto';
import type { ContentHash } from '../cloud-target.ts';

/** What a server's SHA-256 of an object says of the content; `unknown` when it says nothing about all of it. */
export function judgeChecksum(told: string | undefined, { partSha256 }: ContentHash): 'same' | 'different' | 'unknown' {
  if (told === undefined) return 'unknown';
  const [, digest, count] = /^([A-Za-z0-9+/]{43}=)(?:-(\d{1,5}))?$/.exec(told) ?? [];
  if (digest === undefined || partSha256.length === 0) return 'unknown';
  // Of an object that was put in one piece: the digest of its bytes.
  if (count === undefined) {
    const only = partSha256.length === 1 ? partSha256[0] : undefined;
    if (only === undefined) return 'unknown';
    return digest === base64Of(only) ? 'same' : 'different';
  }
  // In other parts than ours it says nothing about ours.
  if (Number(count) !== partSha256.length) return 'unknown';
  return digest === compositeSha256(partSha256) ? 'same' : 'different';
}

/** A hexadecimal digest as S3's headers carry it. */
export function base64Of(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

/** Digest over the digests of the parts (S3 user guide, "Checking object integrity", composite checksums). */
function compositeSha256(partSha256: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of partSha256) hash.update(Buffer.from(part, 'hex'));
  return hash.digest('base64');
}
