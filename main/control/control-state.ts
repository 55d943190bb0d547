import type { ControlStatus } from '../../contract/control.ts';
import { assertNever, type ErrorShape } from '../../contract/errors.ts';

/** How the control API is; `wantedPort` is what it was asked for, 0 for any. */
export type ControlState =
  | { kind: 'off' }
  | { kind: 'starting'; wantedPort: number }
  | { kind: 'on'; wantedPort: number; port: number }
  | { kind: 'failed'; wantedPort: number; error: ErrorShape };

export type ControlEvent =
  | { kind: 'begun'; wantedPort: number }
  | { kind: 'opened'; port: number }
  | { kind: 'refused'; error: ErrorShape }
  | { kind: 'closed' };

/** The next state; what does not fit the one that it is in changes nothing. */
export function reduceControl(state: ControlState, event: ControlEvent): ControlState {
  switch (event.kind) {
    case 'begun':
      return { kind: 'starting', wantedPort: event.wantedPort };
    case 'opened':
      return state.kind === 'starting' ? { kind: 'on', wantedPort: state.wantedPort, port: event.port } : state;
    case 'refused':
      return state.kind === 'starting' ? { kind: 'failed', wantedPort: state.wantedPort, error: event.error } : state;
    case 'closed':
      return { kind: 'off' };
    default:
      return assertNever(event);
  }
}

/** The port that is wanted now; null when the API is to be off. */
export function wantedPort(
  settings: { controlEnabled: boolean; controlPort: number },
  portArgument: number | null,
): number | null {
  if (portArgument !== null) return portArgument;
  return settings.controlEnabled ? settings.controlPort : null;
}

/** What is to be done so that things are as wanted; a port that was refused is tried again. */
export function nextStep(state: ControlState, wanted: number | null): 'none' | 'open' | 'close' | 'reopen' {
  switch (state.kind) {
    case 'off':
      return wanted === null ? 'none' : 'open';
    case 'starting':
      return 'none';
    case 'on':
      if (wanted === null) return 'close';
      return wanted === state.wantedPort ? 'none' : 'reopen';
    case 'failed':
      return wanted === null ? 'close' : 'open';
    default:
      return assertNever(state);
  }
}

/** The state as settings and windows see it. */
export function statusOf(state: ControlState, facts: { file: string; byArgument: boolean }): ControlStatus {
  return {
    state: state.kind,
    port: state.kind === 'on' ? state.port : null,
    file: state.kind === 'on' ? facts.file : null,
    error: state.kind === 'failed' ? state.error : null,
    byArgument: facts.byArgument,
  };
}
