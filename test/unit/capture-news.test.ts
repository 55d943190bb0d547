import { describe, expect, test } from 'vitest';
import { NO_CLOUD } from '../../contract/cloud.ts';
import { recordingIdSchema } from '../../contract/ids.ts';
import { recordingSchema } from '../../contract/recording.ts';
import type { RecordingEvent } from '../../contract/recording.ts';
import { hearRecordingEvent } from '../../renderer/capture/capture-news.ts';
import type { Quiet } from '../../renderer/capture/capture-news.ts';

const recordingId = recordingIdSchema.parse('00000000-0000-4000-8000-000000000007');
const recording = recordingSchema.parse({
  id: recordingId,
  callId: '00000000-0000-4000-8000-000000000009',
  title: '',
  status: 'recording',
  format: 'mkv',
  folder: '/tmp',
  startedAt: '2026-11-22T12:00:00.000Z',
  endedAt: null,
  durationMs: 0,
  sizeBytes: 0,
  participantNames: [],
  tracks: [],
  deliverables: [],
  thumbnails: [],
  markers: [],
  notes: [],
  progress: null,
  error: null,
  cloud: NO_CLOUD,
  pinned: false,
  mediaLeftAt: null,
  leavesAt: null,
  staysBecause: null,
});

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
