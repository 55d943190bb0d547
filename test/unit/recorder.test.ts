import { describe, expect, test } from 'vitest';
import { stepRecorder } from '../../main/recording/recorder.ts';
import type { RecorderEvent, RecorderState } from '../../main/recording/recorder.ts';

/** Runs events through the machine and gives the last state and all effects. */
function runAll(state: RecorderState, events: RecorderEvent[]): { state: RecorderState; effects: string[] } {
  const effects: string[] = [];
  let now = state;
  for (const event of events) {
    const step = stepRecorder(now, event);
    now = step.state;
    effects.push(...step.effects.map((effect) => effect.kind));
  }
  return { state: now, effects };
}

const error = { code: 'FFMPEG_FAILED', message: 'It failed.', retryable: true } as const;

describe('stopping', () => {
  test('with open segments waits for the capture, then finalises once', () => {
    const { state, effects } = runAll({ kind: 'recording', open: 0 }, [
      { kind: 'segmentOpened' },
      { kind: 'segmentOpened' },
      { kind: 'stopRequested' },
      { kind: 'stopRequested' },
      { kind: 'segmentClosed' },
      { kind: 'segmentClosed' },
      { kind: 'segmentClosed' },
    ]);
    expect(state).toEqual({ kind: 'processing' });
    expect(effects).toEqual(['announceStopping', 'armCaptureLimit', 'disarmCaptureLimit', 'finalise']);
  });

  test('with nothing open finalises at once', () => {
    const { state, effects } = runAll({ kind: 'recording', open: 0 }, [{ kind: 'stopRequested' }]);
    expect(state).toEqual({ kind: 'processing' });
    expect(effects).toEqual(['announceStopping', 'finalise']);
  });

  test('a late capture is cut off, and the segments that this closes lead on', () => {
    const late = runAll({ kind: 'stopping', open: 1 }, [{ kind: 'captureLate' }]);
    expect(late).toEqual({ state: { kind: 'stopping', open: 1 }, effects: ['cutOffCapture'] });
    expect(runAll(late.state, [{ kind: 'segmentClosed' }]).state).toEqual({ kind: 'processing' });
  });

  test('the limit that fires when all is closed does nothing', () => {
    expect(runAll({ kind: 'processing' }, [{ kind: 'captureLate' }]).effects).toEqual([]);
  });
});

describe('pausing', () => {
  const pauseRequested: RecorderEvent = { kind: 'pauseRequested' };
  const resumeRequested: RecorderEvent = { kind: 'resumeRequested' };
  const stopRequested: RecorderEvent = { kind: 'stopRequested' };
  const segmentClosed: RecorderEvent = { kind: 'segmentClosed' };

  test('waits for the last chunks; only then the clock stands', () => {
    const asked = runAll({ kind: 'recording', open: 2 }, [pauseRequested, segmentClosed]);
    expect(asked).toEqual({ state: { kind: 'pausing', open: 1 }, effects: ['announcePause', 'armCaptureLimit'] });
    expect(runAll(asked.state, [segmentClosed])).toEqual({
      state: { kind: 'paused' },
      effects: ['disarmCaptureLimit', 'freezeClock'],
    });
  });

  test('with nothing open takes effect at once', () => {
    expect(runAll({ kind: 'recording', open: 0 }, [pauseRequested])).toEqual({
      state: { kind: 'paused' },
      effects: ['announcePause', 'freezeClock'],
    });
  });

  test('twice is once', () => {
    expect(runAll({ kind: 'recording', open: 1 }, [pauseRequested, pauseRequested]).effects).toEqual([
      'announcePause',
      'armCaptureLimit',
    ]);
    expect(runAll({ kind: 'paused' }, [pauseRequested])).toEqual({ state: { kind: 'paused' }, effects: [] });
  });

  test('takes no new segment', () => {
    expect(runAll({ kind: 'pausing', open: 1 }, [{ kind: 'segmentOpened' }]).state).toEqual({
      kind: 'pausing',
      open: 1,
    });
    expect(runAll({ kind: 'paused' }, [{ kind: 'segmentOpened' }]).state).toEqual({ kind: 'paused' });
  });

  test('cuts off a capture that does not close its segments, and is paused when they are closed', () => {
    const late = runAll({ kind: 'pausing', open: 1 }, [{ kind: 'captureLate' }]);
    expect(late).toEqual({ state: { kind: 'pausing', open: 1 }, effects: ['cutOffCapture'] });
    expect(runAll(late.state, [segmentClosed]).state).toEqual({ kind: 'paused' });
    expect(runAll({ kind: 'paused' }, [{ kind: 'captureLate' }]).effects).toEqual([]);
  });

  test('ends with Resume, and only when it is complete', () => {
    expect(runAll({ kind: 'paused' }, [resumeRequested])).toEqual({
      state: { kind: 'recording', open: 0 },
      effects: ['thawClock'],
    });
    for (const state of [
      { kind: 'pausing', open: 1 },
      { kind: 'recording', open: 1 },
      { kind: 'processing' },
    ] as const) {
      expect(runAll(state, [resumeRequested])).toEqual({ state, effects: [] });
    }
  });

  test('a second Resume changes nothing', () => {
    expect(runAll({ kind: 'paused' }, [resumeRequested, resumeRequested]).effects).toEqual(['thawClock']);
  });

  test('Stop while pausing waits for the same segments, with a limit of its own, and never pauses', () => {
    const { state, effects } = runAll({ kind: 'pausing', open: 2 }, [
      stopRequested,
      segmentClosed,
      resumeRequested,
      pauseRequested,
      segmentClosed,
    ]);
    expect(state).toEqual({ kind: 'processing' });
    expect(effects).toEqual(['announceStopping', 'armCaptureLimit', 'disarmCaptureLimit', 'finalise']);
  });

  test('Stop while paused finalises at once', () => {
    expect(runAll({ kind: 'paused' }, [stopRequested])).toEqual({
      state: { kind: 'processing' },
      effects: ['announceStopping', 'finalise'],
    });
  });
});

describe('the end', () => {
  test('is journaled as what it is', () => {
    expect(runAll({ kind: 'processing' }, [{ kind: 'finished' }])).toEqual({
      state: { kind: 'completed' },
      effects: ['journalCompleted'],
    });
    expect(runAll({ kind: 'processing' }, [{ kind: 'finishFailed', error }])).toEqual({
      state: { kind: 'failed', retryable: true },
      effects: ['journalFailed'],
    });
  });

  test('cannot come twice', () => {
    expect(runAll({ kind: 'completed' }, [{ kind: 'finishFailed', error }, { kind: 'retryRequested' }])).toEqual({
      state: { kind: 'completed' },
      effects: [],
    });
  });

  test('of a failed recording can be tried again', () => {
    expect(runAll({ kind: 'failed', retryable: true }, [{ kind: 'retryRequested' }])).toEqual({
      state: { kind: 'processing' },
      effects: ['finalise'],
    });
  });
});

test.each([
  { kind: 'recording', open: 3 },
  { kind: 'pausing', open: 1 },
  { kind: 'paused' },
  { kind: 'stopping', open: 1 },
  { kind: 'processing' },
] as RecorderState[])('found at launch as $kind: marked interrupted, then finalised by the same effect', (state) => {
  const { state: last, effects } = runAll(state, [{ kind: 'foundUnfinished' }, { kind: 'recoveryStarted' }]);
  expect(last).toEqual({ kind: 'processing' });
  expect(effects).toEqual(['journalInterrupted', 'finalise']);
});

test.each([{ kind: 'completed' }, { kind: 'failed', retryable: false }] as RecorderState[])(
  'found at launch as $kind: left alone',
  (state) => {
    expect(runAll(state, [{ kind: 'foundUnfinished' }, { kind: 'recoveryStarted' }])).toEqual({ state, effects: [] });
  },
);
