import { createHash, timingSafeEqual } from 'node:crypto';

/** A token of this API from 32 random bytes. */
export function makeToken(randomBytes: (sizeBytes: number) => Uint8Array): string {
  return Buffer.from(randomBytes(32)).toString('base64url');
}

/** What is kept of a token in place of it. */
export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Compares two hashes in the same time wherever they differ. */
export function sameHash(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
