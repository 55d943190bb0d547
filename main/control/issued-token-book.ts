import type { IssuedToken } from '../../contract/control.ts';
import { AppError } from '../../contract/errors.ts';
import type { CallId } from '../../contract/ids.ts';
import { CONTROL_LIMITS } from './control-limits.ts';
import type { IssuedTokens } from './issued-tokens.ts';
import { hashOf, makeToken } from './secret-hash.ts';

type Entry = {
  hash: string;
  userId: string;
  callId: CallId;
  role: IssuedToken['role'];
  expiresWallMs: number;
  expiresMonotonicMs: number;
};

export type IssuedTokenPorts = {
  clock: { wallMs(): number; monotonicMs(): number };
  randomBytes: (sizeBytes: number) => Uint8Array;
  maxTokens?: number;
};

/** Keeps the hashes of the tokens that identities were given; the tokens themselves are told once and not kept. */
export function createIssuedTokens({ clock, randomBytes, maxTokens }: IssuedTokenPorts): IssuedTokens {
  const limit = maxTokens ?? CONTROL_LIMITS.maxIssuedTokens;
  const byHash = new Map<string, Entry>();

  // Either clock ends a token: the one that never jumps may stand still while the computer sleeps, the other can be turned back.
  const isAlive = (entry: Entry): boolean =>
    clock.wallMs() < entry.expiresWallMs && clock.monotonicMs() < entry.expiresMonotonicMs;

  const dropOld = (): void => {
    for (const entry of byHash.values()) if (!isAlive(entry)) byHash.delete(entry.hash);
  };

  const entryOf = (callId: CallId, userId: string): Entry | null =>
    [...byHash.values()].find((entry) => entry.callId === callId && entry.userId === userId) ?? null;

  return {
    issue({ userId, callId, role, validSeconds }) {
      dropOld();
      const before = entryOf(callId, userId);
      if (before === null && byHash.size >= limit) {
        throw new AppError('RATE_LIMITED', 'Too many tokens are given out; take some of them back first.');
      }
      if (before !== null) byHash.delete(before.hash);
      const token = makeToken(randomBytes);
      const hash = hashOf(token).toString('hex');
      const expiresWallMs = clock.wallMs() + validSeconds * 1000;
      byHash.set(hash, {
        hash,
        userId,
        callId,
        role,
        expiresWallMs,
        expiresMonotonicMs: clock.monotonicMs() + validSeconds * 1000,
      });
      return { token, userId, callId, role, expiresAt: new Date(expiresWallMs).toISOString() };
    },
    revoke(callId, userId) {
      dropOld();
      const entry = entryOf(callId, userId);
      if (entry === null) throw new AppError('NOT_FOUND', 'This identity has no token for this call.');
      byHash.delete(entry.hash);
    },
    find(token) {
      // Found by its hash: how long that takes tells nothing of a token that hashes to something else.
      const entry = byHash.get(hashOf(token).toString('hex'));
      if (entry === undefined || !isAlive(entry)) return null;
      return { kind: 'member', userId: entry.userId, callId: entry.callId, role: entry.role };
    },
  };
}
