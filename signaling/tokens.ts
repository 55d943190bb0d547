import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CallId } from '../contract/ids.ts';

/** Makes a secret that is safe in an address: PeerJS puts its token into the query without encoding it. */
export function makeSecret(): string {
  return randomBytes(24).toString('base64url');
}

/** Compares two secrets in a time that tells nothing of where they differ. */
export function secretsMatch(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** The server's signed permission to join one call until a moment. */
export type InviteSigner = {
  sign(callId: CallId, expiresAtMs: number): string;
  verify(token: string, callId: CallId, nowMs: number): 'valid' | 'expired' | 'invalid';
};

/** Makes a signer; its key lives as long as the server, like the rooms that it signs for. */
export function createInviteSigner(key: Buffer = randomBytes(32)): InviteSigner {
  const signature = (callId: CallId, expires: string) =>
    createHmac('sha256', key).update(`invite.1.${callId}.${expires}`).digest('base64url');
  return {
    sign: (callId, expiresAtMs) => {
      const expires = Math.floor(expiresAtMs).toString(36);
      return `1.${expires}.${signature(callId, expires)}`;
    },
    verify: (token, callId, nowMs) => {
      const match = /^1\.([0-9a-z]{1,12})\.([\w-]{43})$/.exec(token);
      const [, expires, given] = match ?? [];
      if (expires === undefined || given === undefined) return 'invalid';
      if (!secretsMatch(given, signature(callId, expires))) return 'invalid';
      return nowMs < Number.parseInt(expires, 36) ? 'valid' : 'expired';
    },
  };
}
