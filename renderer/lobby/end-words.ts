import type { CallEndReason } from '../../contract/call.ts';
import { assertNever } from '../../contract/errors.ts';

/** Why one is back in the lobby; null when it was one's own choice. */
export function endWords(reason: CallEndReason | null): string | null {
  switch (reason) {
    case null:
    case 'left':
      return null;
    case 'endedByHost':
      return 'The call has ended for all.';
    case 'serverGone':
      return 'The connection to the call was lost and did not come back. Open the link again to return.';
    case 'removed':
      return 'The host removed you from the call.';
    case 'hostGone':
      return 'The host did not come back, so the call ended.';
    default:
      return assertNever(reason);
  }
}
