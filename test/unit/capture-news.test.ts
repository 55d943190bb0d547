import { describe, expect, test } from 'vitest';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { RecordingEvent } from '../../contract/recording.ts';
import { hearRecordingEvent } from '../../renderer/capture/capture-news.ts';
import type { Quiet } from '../../renderer/capture/capture-news.ts';
import { shownRecording } from '../support/shown-recording.ts';

const recordingId = recordingIdSchema.parse('00000000-0000-4000-8000-000000000007');
const recording = shownRecording({ id: recordingId, status: 'recording', endedAt: null, deliverables: [] });

type WithRecording = Exclude<RecordingEvent['type'], 'recordingHealth' | 'recordingDeleted'>;

/** What is done about a row of events, and what is quiet after them. */
function hearAll(types: readonly WithRecording[]): { acts: string[]; quiet: Quiet } {
  let quiet: Quiet = new Map();
  const acts = types.map((type) => {
    const heard = hearRecordingEvent(quiet, { type, recording });
    quiet = heard.quiet;
    return heard.act.kind;
  });
  return { acts, quiet };
}

describe('a window that captures', () => {
  test('ends at Pause and begins again at Resume', () => {
    const { acts, quiet } = hearAll(['recordingStarted', 'recordingPaused', 'recordingResumed']);
    expect(acts).toEqual(['begin', 'end', 'begin']);
    expect(quiet.has(recordingId)).toBe(false);
  });

  test('stays quiet while the recording is paused, whatever else changes in it', () => {
    const { acts, quiet } = hearAll(['recordingPaused', 'recordingChanged', 'recordingProgress']);
    expect(acts).toEqual(['end', 'none', 'none']);
    expect(quiet.get(recordingId)).toBe('paused');
  });

  test('ends for good at Stop, also from a pause', () => {
    const { acts, quiet } = hearAll(['recordingPaused', 'recordingStopping', 'recordingProcessing']);
    expect(acts).toEqual(['end', 'end', 'end']);
    expect(quiet.get(recordingId)).toBe('stopped');
  });

  test('begins nothing after Stop, whatever late news say', () => {
    const { acts, quiet } = hearAll(['recordingStopping', 'recordingPaused', 'recordingResumed', 'recordingStarted']);
    expect(acts).toEqual(['end', 'end', 'none', 'none']);
    expect(quiet.get(recordingId)).toBe('stopped');
  });
});
