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
  /** Hash of the token by which it was given; null: the owner's. */
  givenBy: string | null;
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

  /** With everything that was given by it: who was shut out would else come back by a token that they had given to themselves. */
  const drop = ({ hash }: Entry): void => {
    byHash.delete(hash);
    for (const entry of byHash.values()) if (entry.givenBy === hash) drop(entry);
  };

  return {
    issue({ userId, callId, role, validSeconds, by }) {
      dropOld();
      const before = entryOf(callId, userId);
      if (before === null && byHash.size >= limit) {
        throw new AppError('RATE_LIMITED', 'Too many tokens are given out; take some of them back first.');
      }
      const giver = by.kind === 'owner' ? null : entryOf(by.callId, by.userId);
      if (by.kind === 'member' && giver === null) throw new AppError('UNAUTHORIZED', 'A valid token is needed.');
      if (before !== null) drop(before);
      const token = makeToken(randomBytes);
      const hash = hashOf(token).toString('hex');
      const expiresWallMs = Math.min(clock.wallMs() + validSeconds * 1000, giver?.expiresWallMs ?? Infinity);
      byHash.set(hash, {
        hash,
        userId,
        callId,
        role,
        expiresWallMs,
        expiresMonotonicMs: Math.min(clock.monotonicMs() + validSeconds * 1000, giver?.expiresMonotonicMs ?? Infinity),
        // Who renews their own goes on as whoever gave it to them.
        givenBy: giver?.hash === before?.hash ? (before?.givenBy ?? null) : (giver?.hash ?? null),
      });
      return { token, userId, callId, role, expiresAt: new Date(expiresWallMs).toISOString() };
    },
    revoke(callId, userId) {
      dropOld();
      const entry = entryOf(callId, userId);
      if (entry === null) throw new AppError('NOT_FOUND', 'This identity has no token for this call.');
      drop(entry);
    },
    find(token) {
      // Found by its hash: how long that takes tells nothing of a token that hashes to something else.
      const entry = byHash.get(hashOf(token).toString('hex'));
      if (entry === undefined || !isAlive(entry)) return null;
      return { kind: 'member', userId: entry.userId, callId: entry.callId, role: entry.role };
    },
  };
}
