import type { Call } from '../../contract/call.ts';
import { AppError } from '../../contract/errors.ts';
import type { CallId } from '../../contract/ids.ts';
import type { Actor } from './actor.ts';

/** Who at least may do something: the person at this computer, a host of the call, anybody in it. */
type Least = 'owner' | 'host' | 'member';

const LEAST = {
  enterCall: 'owner',
  leaveCall: 'owner',
  seeCall: 'member',
  endCall: 'host',
  removePerson: 'host',
  giveTokens: 'host',
  takeTokens: 'host',
  record: 'host',
  seeRecording: 'member',
  deleteRecording: 'host',
  // The bucket is the owner's, whoever hosts a call.
  deleteInBucket: 'owner',
  seeLibrary: 'owner',
  cleanUp: 'owner',
  seeApp: 'owner',
} as const satisfies Record<string, Least>;

/** What one may be allowed to do with calls and recordings. */
export type Deed = keyof typeof LEAST;

/**
 * Why the actor may not do this in the call (null: in none in particular), or null when they may. An identity hears the same of
 * every call but its own, whether there is one or not.
 */
export function refusal(actor: Actor, deed: Deed, callId: CallId | null): AppError | null {
  if (actor.kind === 'owner') return null;
  const least = LEAST[deed];
  if (least === 'owner') return new AppError('FORBIDDEN', 'Only the owner of this app may do this.');
  if (callId !== actor.callId) return new AppError('FORBIDDEN', 'This token is for another call.');
  return least === 'host' && actor.role !== 'host' ? notHost() : null;
}

/** Why this app itself may not do this in a call that it is in: as a guest it does nothing that is a host's. Null when it may. */
export function refusalOfApp(deed: Deed, role: Call['role']): AppError | null {
  return LEAST[deed] === 'host' && role !== 'host' ? notHost() : null;
}

function notHost(): AppError {
  return new AppError('NOT_HOST', 'Only the host of the call can do this.');
}
