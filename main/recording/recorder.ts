import { assertNever } from '../../contract/errors.ts';
import type { ErrorShape } from '../../contract/errors.ts';

/** Where a recording is between Record and its end. `open` counts segments that still take chunks. */
export type RecorderState =
  | { kind: 'recording'; open: number }
  | { kind: 'stopping'; open: number }
  | { kind: 'processing' }
  | { kind: 'completed' }
  | { kind: 'failed'; retryable: boolean }
  | { kind: 'interrupted' };

export type RecorderEvent =
  | { kind: 'segmentOpened' }
  | { kind: 'segmentClosed' }
  | { kind: 'stopRequested' }
  /** The capture did not close its segments in time. */
  | { kind: 'captureLate' }
  /** Found at launch with a journal that has no end. */
  | { kind: 'foundUnfinished' }
  | { kind: 'recoveryStarted' }
  | { kind: 'finished' }
  | { kind: 'finishFailed'; error: ErrorShape }
  | { kind: 'retryRequested' };

/** What is to be done about a change, in order. */
export type RecorderEffect =
  | { kind: 'announceStopping' }
  | { kind: 'armCaptureLimit' }
  | { kind: 'disarmCaptureLimit' }
  | { kind: 'cutOffCapture' }
  | { kind: 'journalInterrupted' }
  | { kind: 'finalise' }
  | { kind: 'journalCompleted' }
  | { kind: 'journalFailed'; error: ErrorShape };

export type RecorderStep = { state: RecorderState; effects: RecorderEffect[] };

/** Decides what a recording becomes at an event; an event that does not fit its state changes nothing. */
export function stepRecorder(state: RecorderState, event: RecorderEvent): RecorderStep {
  const same: RecorderStep = { state, effects: [] };
  switch (event.kind) {
    case 'segmentOpened':
      // While stopping nothing may start any more; the service refuses it before it comes here.
      return state.kind === 'recording' ? { state: { ...state, open: state.open + 1 }, effects: [] } : same;
    case 'segmentClosed': {
      if (state.kind === 'recording') return { state: { ...state, open: Math.max(0, state.open - 1) }, effects: [] };
      if (state.kind !== 'stopping') return same;
      const open = Math.max(0, state.open - 1);
      return open > 0 ? { state: { kind: 'stopping', open }, effects: [] } : processing(['disarmCaptureLimit']);
    }
    case 'stopRequested':
      if (state.kind !== 'recording') return same;
      return state.open > 0
        ? {
            state: { kind: 'stopping', open: state.open },
            effects: [{ kind: 'announceStopping' }, { kind: 'armCaptureLimit' }],
          }
        : processing(['announceStopping']);
    case 'captureLate':
      // Cutting off closes every open segment, and the last of them leads to processing.
      return state.kind === 'stopping' ? { state, effects: [{ kind: 'cutOffCapture' }] } : same;
    case 'foundUnfinished':
      return state.kind === 'recording' || state.kind === 'stopping' || state.kind === 'processing'
        ? { state: { kind: 'interrupted' }, effects: [{ kind: 'journalInterrupted' }] }
        : same;
    case 'recoveryStarted':
      return state.kind === 'interrupted' ? processing([]) : same;
    case 'finished':
      return state.kind === 'processing'
        ? { state: { kind: 'completed' }, effects: [{ kind: 'journalCompleted' }] }
        : same;
    case 'finishFailed':
      return state.kind === 'processing'
        ? {
            state: { kind: 'failed', retryable: event.error.retryable },
            effects: [{ kind: 'journalFailed', error: event.error }],
          }
        : same;
    case 'retryRequested':
      return state.kind === 'failed' || state.kind === 'interrupted' ? processing([]) : same;
    default:
      return assertNever(event);
  }
}

function processing(before: readonly ('disarmCaptureLimit' | 'announceStopping')[]): RecorderStep {
  return { state: { kind: 'processing' }, effects: [...before.map((kind) => ({ kind })), { kind: 'finalise' }] };
}
