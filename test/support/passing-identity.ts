import { randomBytes } from 'node:crypto';
import type { CallId, Identity } from '../../contract/ids.ts';
import { deriveIdentity } from '../../main/calls/identity.ts';

/** Who an installation is that keeps nothing of it: another one for each call of this. */
export function passingIdentity(): (callId: CallId) => Identity {
  const secret = randomBytes(32);
  return (callId) => deriveIdentity(secret, callId);
}
