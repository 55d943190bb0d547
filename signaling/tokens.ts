import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Participant } from '../contract/call.ts';
import type { CallId, Identity } from '../contract/ids.ts';

/** Makes a secret that is safe in an address: PeerJS puts its token into the query without encoding it. */
export function makeSecret(): string {
  return randomBytes(24).toString('base64url');
}

/** Names one of the invites that a call has in its life: a renewed one has another name. */
export function makeInviteId(): string {
  return randomBytes(9).toString('base64url');
}

/** Compares two secrets in a time that tells nothing of where they differ. */
export function secretsMatch(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** What the server makes of a token; whether its invite is still the one of the call is the room's to say. */
export type Verdict = { kind: 'valid'; inviteId: string } | { kind: 'expired' } | { kind: 'invalid' };

/** Whom a join token lets in, where and as what. */
export type JoinScope = { callId: CallId; identity: Identity; role: Participant['role'] };

/** The server's signed permissions: the invite, which people hand on, and the short-lived token that it is exchanged for. */
export type PermitSigner = {
  signInvite(invite: { callId: CallId; inviteId: string }, expiresAtMs: number): string;
  verifyInvite(token: string, callId: CallId, nowMs: number): Verdict;
  signJoin(scope: JoinScope & { inviteId: string }, expiresAtMs: number): string;
  verifyJoin(token: string, scope: JoinScope, nowMs: number): Verdict;
};

/** Makes a signer; its key lives as long as the server, like the rooms that it signs for. */
export function createPermitSigner(key: Buffer = randomBytes(32)): PermitSigner {
  // What is signed begins with the kind of the token, and no field can hold a dot: no token passes for one of another kind.
  const seal = (scope: string, inviteId: string, expires: string) =>
    createHmac('sha256', key).update(`${scope}.${inviteId}.${expires}`).digest('base64url');

  const sign = (scope: string, inviteId: string, expiresAtMs: number): string => {
    const expires = Math.floor(expiresAtMs).toString(36);
    return `2.${inviteId}.${expires}.${seal(scope, inviteId, expires)}`;
  };

  const verify = (token: string, scope: string, nowMs: number): Verdict => {
    const match = /^2\.([\w-]{12})\.([0-9a-z]{1,12})\.([\w-]{43})$/.exec(token);
    const [, inviteId, expires, given] = match ?? [];
    if (inviteId === undefined || expires === undefined || given === undefined) return { kind: 'invalid' };
    if (!secretsMatch(given, seal(scope, inviteId, expires))) return { kind: 'invalid' };
    return nowMs < Number.parseInt(expires, 36) ? { kind: 'valid', inviteId } : { kind: 'expired' };
  };

  const inviteScope = (callId: CallId) => `invite.${callId}`;
  const joinScope = ({ callId, identity, role }: JoinScope) => `join.${callId}.${identity}.${role}`;
  return {
    signInvite: ({ callId, inviteId }, expiresAtMs) => sign(inviteScope(callId), inviteId, expiresAtMs),
    verifyInvite: (token, callId, nowMs) => verify(token, inviteScope(callId), nowMs),
    signJoin: (scope, expiresAtMs) => sign(joinScope(scope), scope.inviteId, expiresAtMs),
    verifyJoin: (token, scope, nowMs) => verify(token, joinScope(scope), nowMs),
  };
}
