import { assertNever } from '../../contract/errors.ts';

/** Where the closing of the window stands. */
export type CloseState =
  | { kind: 'open' }
  /** The page was told to ask the person. */
  | { kind: 'asking' }
  /** The page is gone or dumb: the system's own dialog asks. */
  | { kind: 'askingNatively' }
  /** Ending the call and the recording; the window goes when that is done. */
  | { kind: 'ending' }
  | { kind: 'closed' };

export type CloseEvent =
  | { kind: 'closePressed'; busy: boolean }
  | { kind: 'pageSilent' }
  | { kind: 'chosen'; choice: 'endAndClose' | 'stay' }
  /** A signal or the end of the session: nobody can be asked. */
  | { kind: 'mustGo' }
  | { kind: 'ended' };

/** Decides how a window with a call or a recording in it closes: one question, asked where it can be answered. */
export function nextCloseState(state: CloseState, event: CloseEvent): CloseState {
  if (state.kind === 'closed') return state;
  switch (event.kind) {
    case 'closePressed':
      if (state.kind === 'open') return event.busy ? { kind: 'asking' } : { kind: 'ending' };
      // Pressed again with the question open: whatever the page shows, the person does not see a way out of it.
      return state.kind === 'asking' ? { kind: 'askingNatively' } : state;
    case 'pageSilent':
      return state.kind === 'asking' ? { kind: 'askingNatively' } : state;
    case 'chosen':
      if (state.kind === 'ending') return state;
      if (event.choice === 'endAndClose') return { kind: 'ending' };
      return { kind: 'open' };
    case 'mustGo':
      return { kind: 'ending' };
    case 'ended':
      return { kind: 'closed' };
    default:
      return assertNever(event);
  }
}
