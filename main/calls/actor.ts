import type { Call } from '../../contract/call.ts';
import type { CallId } from '../../contract/ids.ts';

/**
 * Who asks for something: the person at this computer (by the window, or by the owner's token), or an identity that was given a
 * role in one call.
 */
export type Actor = { kind: 'owner' } | { kind: 'member'; userId: string; callId: CallId; role: Call['role'] };

/** The person at this computer. */
export const OWNER: Actor = { kind: 'owner' };
