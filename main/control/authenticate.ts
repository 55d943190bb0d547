import { AppError } from '../../contract/errors.ts';
import { OWNER_ID } from '../../contract/control.ts';
import type { Actor } from '../calls/actor.ts';
import { OWNER } from '../calls/actor.ts';
import { lockedSeconds, NO_FAILED_TOKENS, withFailure } from './failed-tokens.ts';
import { single, type HeadFields } from './head-fields.ts';
import type { IssuedTokens } from './issued-tokens.ts';
import { hashOf, sameHash } from './secret-hash.ts';

/** RFC 6750, 2.1; longer ones are no tokens of ours. */
const BEARER = /^bearer +([\w.~+/=-]{1,200})$/i;

export type AuthenticatePorts = {
  ownerTokenHash: () => Buffer;
  issuedTokens: Pick<IssuedTokens, 'find'>;
  /** The id of this app in its call; null when it is in none. */
  ownParticipantId: () => string | null;
  monotonicMs: () => number;
};

/** Says who asks: UNAUTHORIZED without a good token, FORBIDDEN for a user id that is not the token's, RATE_LIMITED after too many wrong ones. */
export type Authenticate = (fields: HeadFields) => Actor;

/** Makes the check of tokens, which remembers the wrong ones. */
export function createAuthenticate(
  ports: AuthenticatePorts,
  limits: { maxFailedTokens: number; failedTokensMs: number },
): Authenticate {
  let failed = NO_FAILED_TOKENS;

  const actorOf = (token: string): Actor | null =>
    sameHash(hashOf(token), ports.ownerTokenHash()) ? OWNER : ports.issuedTokens.find(token);

  return (fields) => {
    const header = single(fields, 'authorization');
    const token = header === null ? null : (BEARER.exec(header)?.[1] ?? null);
    const actor = token === null ? null : actorOf(token);
    // A good token is served while others are locked out: every program of this computer can send wrong ones, and would otherwise
    // hold the owner off their own recording. Nothing is lost by it, because what keeps a guesser out is the length of a token
    // (256 bits); the lock only makes the noise cheap and shows it to whoever has a stale token.
    if (actor === null) {
      const nowMs = ports.monotonicMs();
      const seconds = lockedSeconds(failed, nowMs, limits);
      if (seconds !== null) {
        throw new AppError('RATE_LIMITED', 'Too many wrong tokens; try again later.', {
          retryable: true,
          details: { retryAfterSeconds: seconds },
        });
      }
      // A request without a token guesses nothing.
      if (header !== null) failed = withFailure(failed, nowMs, limits);
      throw new AppError('UNAUTHORIZED', 'A valid token is needed.');
    }
    const userId = single(fields, 'x-user-id');
    if (userId !== null && !isUserOf(actor, userId, ports.ownParticipantId)) {
      throw new AppError('FORBIDDEN', 'X-User-Id is not the identity of this token.');
    }
    return actor;
  };
}

function isUserOf(actor: Actor, userId: string, ownParticipantId: () => string | null): boolean {
  if (actor.kind === 'member') return userId === actor.userId;
  return userId === OWNER_ID || userId === ownParticipantId();
}

/** Names an actor for the book of idempotent answers: another role is another one, so that what was answered before is not told after a change of it. */
export function identityOf(actor: Actor): string {
  return actor.kind === 'owner' ? 'owner' : JSON.stringify([actor.callId, actor.userId, actor.role]);
}
