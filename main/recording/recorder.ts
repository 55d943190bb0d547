import { assertNever } from '../../contract/errors.ts';
import type { ErrorShape } from '../../contract/errors.ts';

/** Where a recording is between Record and its end. `open` counts segments that still take chunks. */
export type RecorderState =
  | { kind: 'recording'; open: number }
  /** Pause was asked for: the last chunks are on their way. */
  | { kind: 'pausing'; open: number }
  | { kind: 'paused' }
  | { kind: 'stopping'; open: number }
  | { kind: 'processing' }
  | { kind: 'completed' }
  | { kind: 'failed'; retryable: boolean }
  | { kind: 'interrupted' };

export type RecorderEvent =
  | { kind: 'segmentOpened' }
  | { kind: 'segmentClosed' }
  | { kind: 'pauseRequested' }
  | { kind: 'resumeRequested' }
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
  | { kind: 'announcePause' }
  | { kind: 'freezeClock' }
  | { kind: 'thawClock' }
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
      if (state.kind !== 'recording' && state.kind !== 'pausing' && state.kind !== 'stopping') return same;
      const open = Math.max(0, state.open - 1);
      if (open > 0 || state.kind === 'recording') return { state: { kind: state.kind, open }, effects: [] };
      return state.kind === 'stopping' ? processing(['disarmCaptureLimit']) : paused(['disarmCaptureLimit']);
    }
    case 'pauseRequested':
      if (state.kind !== 'recording') return same;
      return state.open > 0
        ? {
            state: { kind: 'pausing', open: state.open },
            effects: [{ kind: 'announcePause' }, { kind: 'armCaptureLimit' }],
          }
        : paused(['announcePause']);
    case 'resumeRequested':
      return state.kind === 'paused'
        ? { state: { kind: 'recording', open: 0 }, effects: [{ kind: 'thawClock' }] }
        : same;
    case 'stopRequested':
      if (state.kind === 'paused') return processing(['announceStopping']);
      if (state.kind !== 'recording' && state.kind !== 'pausing') return same;
      return state.open > 0
        ? {
            state: { kind: 'stopping', open: state.open },
            effects: [{ kind: 'announceStopping' }, { kind: 'armCaptureLimit' }],
          }
        : processing(['announceStopping']);
    case 'captureLate':
      // Cutting off closes every open segment, and the last of them leads on.
      return state.kind === 'stopping' || state.kind === 'pausing'
        ? { state, effects: [{ kind: 'cutOffCapture' }] }
        : same;
    case 'foundUnfinished':
      return state.kind === 'completed' || state.kind === 'failed' || state.kind === 'interrupted'
        ? same
        : { state: { kind: 'interrupted' }, effects: [{ kind: 'journalInterrupted' }] };
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

type Before = readonly ('disarmCaptureLimit' | 'announceStopping' | 'announcePause')[];

function processing(before: Before): RecorderStep {
  return { state: { kind: 'processing' }, effects: [...before.map((kind) => ({ kind })), { kind: 'finalise' }] };
}

function paused(before: Before): RecorderStep {
  return { state: { kind: 'paused' }, effects: [...before.map((kind) => ({ kind })), { kind: 'freezeClock' }] };
}
