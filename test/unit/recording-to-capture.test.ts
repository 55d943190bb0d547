import { describe, expect, it } from 'vitest';
import { reduceCall } from '../../renderer/call/call-state.ts';
import { recordingToCapture } from '../../renderer/capture/recording-to-capture.ts';
import type { CallView } from '../../renderer/call/call-view.ts';
import { someCall } from '../support/some-call.ts';

const id = (digit: number): string => `00000000-0000-0000-0000-00000000000${digit}`;
const recordingId = id(7);

function viewOf(change: { role?: string; state?: string | null }): CallView {
  const { role = 'host', state = 'recording' } = change;
  const recording =
    state === null ? null : { recordingId, state, health: { kind: 'ok' }, elapsedMs: 0, recordedBy: 'Ana' };
  return reduceCall({ kind: 'idle', lastEnd: null }, { kind: 'callChanged', call: someCall({ role, recording }) });
}

describe('the recording that a window captures', () => {
  it("is the one of the host's call, also for a window that comes late", () => {
    expect(recordingToCapture(viewOf({}), new Map())).toBe(recordingId);
  });

  it('is none for a guest, outside a call, and when nothing is recorded', () => {
    expect(recordingToCapture(viewOf({ role: 'participant' }), new Map())).toBeNull();
    expect(recordingToCapture({ kind: 'idle', lastEnd: null }, new Map())).toBeNull();
    expect(recordingToCapture(viewOf({ state: null }), new Map())).toBeNull();
  });

  it('is none while the recording is paused', () => {
    expect(recordingToCapture(viewOf({ state: 'paused' }), new Map())).toBeNull();
    // The call still says what it said before main paused.
    expect(recordingToCapture(viewOf({}), new Map([[recordingId, 'paused']]))).toBeNull();
  });

  it('is never one that stops, whatever late news say', () => {
    expect(recordingToCapture(viewOf({ state: 'stopping' }), new Map())).toBeNull();
    expect(recordingToCapture(viewOf({}), new Map([[recordingId, 'stopped']]))).toBeNull();
  });
});
