import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call, CallRecording } from '../../contract/call.ts';
import { callIdSchema } from '../../contract/ids.ts';
import { createCallRecorder, type CallRecorder } from '../../main/calls/call-recorder.ts';
import type { CallChange } from '../../main/calls/calls-service.ts';
import { ADA, CALL_ID, makeHarness, type Harness } from '../support/recorder-harness.ts';
import { someCall, somePerson } from '../support/some-call.ts';

const NEXT_CALL_ID = callIdSchema.parse('00000000-0000-4000-8000-00000000ca12');

const callOf = (id: Call['id']): Call =>
  someCall({ id, selfId: ADA, hostId: ADA, participants: [somePerson({ id: ADA })] });

let harness: Harness;
let recorder: CallRecorder;
let call: Call | null;
let published: (CallRecording | null)[];
let listeners: Set<(change: CallChange) => void>;

function become(next: Call | null): void {
  call = next;
  for (const listener of listeners) listener({ call, endReason: call === null ? 'endedByHost' : null });
}

beforeEach(async () => {
  harness = await makeHarness();
  call = callOf(CALL_ID);
  published = [];
  listeners = new Set();
  recorder = createCallRecorder({
    calls: {
      current: () => call,
      requireHost: () => {
        if (call === null) throw new Error('There is no call.');
        return call;
      },
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      publishRecording: (recording) => published.push(recording),
    },
    recordings: harness.recordings,
    format: () => 'mkv',
    onFault: (error) => {
      throw error;
    },
  });
});
afterEach(async () => {
  recorder.close();
  await harness.end();
});

describe('the recording of a call', () => {
  it('is not started in the next call when the one that was meant is over', async () => {
    become(callOf(NEXT_CALL_ID));
    await expect(recorder.start(CALL_ID)).rejects.toMatchObject({ code: 'CALL_NOT_FOUND' });
    expect(harness.recordings.callRecording()).toBeNull();
    expect(harness.events).toEqual([]);
    expect(published).toEqual([]);
  });

  it('is refused a second time in the same words, however near, and the first one does not notice', async () => {
    const [first, second] = await Promise.allSettled([recorder.start(CALL_ID), recorder.start(CALL_ID)]);
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'RECORDING_RUNNING' } });
    if (first.status === 'rejected') throw first.reason;
    await expect(recorder.start(CALL_ID)).rejects.toMatchObject({ code: 'RECORDING_RUNNING' });
    expect(harness.recordings.callRecording()).toMatchObject({ recordingId: first.value.id, state: 'recording' });
    expect(harness.recordings.rows()).toHaveLength(1);
    expect(harness.events.filter(({ type }) => type === 'recordingStarted')).toHaveLength(1);
  });

  it('stops by itself when its call is over, also when the next one has begun', async () => {
    const { id } = await recorder.start(CALL_ID);
    become(null);
    become(callOf(NEXT_CALL_ID));
    const settled = await harness.recordings.settled({ recordingId: id });
    expect(harness.recordings.callRecording()).toBeNull();
    expect(settled).toMatchObject({ callId: CALL_ID });
    expect(settled.endedAt).not.toBeNull();
    // Nobody in the next call is told of it.
    expect(published.filter((each) => each !== null).map((each) => each.recordingId)).toEqual([id]);
  });
});
