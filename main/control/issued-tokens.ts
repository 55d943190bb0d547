import type { IssuedToken } from '../../contract/control.ts';
import type { CallId } from '../../contract/ids.ts';
import type { Actor } from '../calls/actor.ts';

/** The tokens that identities were given, in memory only. */
export type IssuedTokens = {
  /** A token that `by` gave by one of its own lives no longer than that one. */
  issue(input: {
    userId: string;
    callId: CallId;
    role: IssuedToken['role'];
    validSeconds: number;
    by: Actor;
  }): IssuedToken;
  /** Takes it away with everything that was given by it. NOT_FOUND when this identity has none for this call. */
  revoke(callId: CallId, userId: string): void;
  /** Whose token this is; null for one that never was, was revoked, or is too old. */
  find(token: string): Extract<Actor, { kind: 'member' }> | null;
};
