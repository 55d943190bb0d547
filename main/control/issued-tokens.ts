import type { IssuedToken } from '../../contract/control.ts';
import type { CallId } from '../../contract/ids.ts';
import type { Actor } from '../calls/actor.ts';

/** The tokens that identities were given, in memory only. */
export type IssuedTokens = {
  issue(input: { userId: string; callId: CallId; role: IssuedToken['role']; validSeconds: number }): IssuedToken;
  /** NOT_FOUND when this identity has none for this call. */
  revoke(callId: CallId, userId: string): void;
  /** Whose token this is; null for one that never was, was revoked, or is too old. */
  find(token: string): Extract<Actor, { kind: 'member' }> | null;
};
