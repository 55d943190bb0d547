import { describe, expect, it } from 'vitest';
import {
  nextStep,
  reduceControl,
  statusOf,
  wantedPort,
  type ControlEvent,
  type ControlState,
} from '../../main/control/control-state.ts';

const error = { code: 'CONTROL_PORT_TAKEN' as const, message: 'Taken.', retryable: true };
const on: ControlState = { kind: 'on', wantedPort: 0, port: 4000 };
const failed: ControlState = { kind: 'failed', wantedPort: 5, error };
const starting: ControlState = { kind: 'starting', wantedPort: 0 };

describe('the state of the control API', () => {
  it('goes from off over starting to on', () => {
    const begun = reduceControl({ kind: 'off' }, { kind: 'begun', wantedPort: 0 });
    expect(reduceControl(begun, { kind: 'opened', port: 4000 })).toEqual(on);
  });

  it('goes to failed with what was wanted and why', () => {
    const begun = reduceControl({ kind: 'off' }, { kind: 'begun', wantedPort: 5 });
    expect(reduceControl(begun, { kind: 'refused', error })).toEqual(failed);
  });

  it.each<[ControlState, ControlEvent]>([
    [{ kind: 'off' }, { kind: 'opened', port: 1 }],
    [on, { kind: 'refused', error }],
    [failed, { kind: 'opened', port: 1 }],
  ])('is not moved from %o by %o', (state, event) => {
    expect(reduceControl(state, event)).toBe(state);
  });

  it.each<[ControlState, number | null, ReturnType<typeof nextStep>]>([
    [{ kind: 'off' }, null, 'none'],
    [{ kind: 'off' }, 0, 'open'],
    [starting, null, 'none'],
    [on, 0, 'none'],
    [on, 4000, 'reopen'],
    [on, null, 'close'],
    [failed, 5, 'open'],
    [failed, 6, 'open'],
    [failed, null, 'close'],
  ])('%o with port %s wanted: %s', (state, wanted, step) => {
    expect(nextStep(state, wanted)).toBe(step);
  });

  it('is wanted by the settings, and by the argument in any case', () => {
    expect(wantedPort({ controlEnabled: false, controlPort: 1 }, null)).toBeNull();
    expect(wantedPort({ controlEnabled: true, controlPort: 1 }, null)).toBe(1);
    expect(wantedPort({ controlEnabled: false, controlPort: 1 }, 0)).toBe(0);
    expect(wantedPort({ controlEnabled: true, controlPort: 1 }, 7)).toBe(7);
  });

  it('names port and file only while it is on', () => {
    const facts = { file: '/p/control.json', byArgument: false };
    expect(statusOf(on, facts)).toMatchObject({ state: 'on', port: 4000, file: '/p/control.json', error: null });
    expect(statusOf(starting, facts)).toMatchObject({ state: 'starting', port: null, file: null });
    expect(statusOf(failed, facts)).toMatchObject({ state: 'failed', port: null, file: null, error });
  });
});
