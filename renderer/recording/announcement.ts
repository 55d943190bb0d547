import type { CallRecording } from '../../contract/call.ts';

/** What everybody in the call is to hear and read now. */
export type Announcement = 'started' | 'paused' | 'resumed' | 'stopped';

const runs = (recording: CallRecording | null): boolean => recording !== null && recording.state !== 'stopping';

/**
 * What changed for the people in a call between two states of its recording, null when nothing did; joining counts as a change
 * from nothing, so that somebody who comes during a pause knows too.
 */
export function announcementFor(before: CallRecording | null, after: CallRecording | null): Announcement | null {
  if (runs(after) && (!runs(before) || before?.recordingId !== after?.recordingId)) return 'started';
  if (runs(before) && !runs(after)) return 'stopped';
  if (before === null || after === null || before.state === after.state) return null;
  if (after.state === 'paused') return 'paused';
  return before.state === 'paused' && after.state === 'recording' ? 'resumed' : null;
}
