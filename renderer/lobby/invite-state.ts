import type { CallPreview } from '../../contract/call.ts';
import { AppError, assertNever, toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import { parseInviteLink } from '../../contract/invite.ts';

/** What the lobby knows of the link in its field. */
export type InviteState =
  | { kind: 'empty' }
  | { kind: 'refused'; link: string; error: ErrorShape }
  | { kind: 'checking'; link: string }
  | { kind: 'ready'; link: string; preview: CallPreview };

export type InviteEvent =
  | { kind: 'typed'; link: string }
  | { kind: 'retried' }
  | { kind: 'answered'; link: string; preview: CallPreview }
  | { kind: 'failed'; link: string; error: ErrorShape };

/** What becomes of the link; answers to a link that is no longer in the field are dropped. */
export function nextInvite(state: InviteState, event: InviteEvent): InviteState {
  switch (event.kind) {
    case 'typed': {
      const link = event.link.trim();
      if (link === '') return { kind: 'empty' };
      try {
        parseInviteLink(link);
      } catch (error) {
        return { kind: 'refused', link, error: toErrorShape(error) };
      }
      return { kind: 'checking', link };
    }
    case 'retried':
      return state.kind === 'empty' ? state : { kind: 'checking', link: state.link };
    case 'answered':
      if (state.kind === 'empty' || state.link !== event.link) return state;
      return { kind: 'ready', link: event.link, preview: event.preview };
    case 'failed':
      if (state.kind === 'empty' || state.link !== event.link) return state;
      return { kind: 'refused', link: event.link, error: event.error };
    default:
      return assertNever(event);
  }
}

/** How one may enter the call behind the link. */
export type Entrance =
  | { kind: 'none' }
  | { kind: 'open' }
  /** It is being recorded: one must have read the notice and chosen to continue. */
  | { kind: 'afterNotice' }
  | { kind: 'closed'; error: ErrorShape };

/** Decides what stands where Join is. */
export function entrance(state: InviteState): Entrance {
  if (state.kind !== 'ready') return { kind: 'none' };
  if (state.preview.full) {
    return { kind: 'closed', error: toErrorShape(new AppError('CALL_FULL', 'The call is full.', { retryable: true })) };
  }
  return state.preview.recording === null ? { kind: 'open' } : { kind: 'afterNotice' };
}
