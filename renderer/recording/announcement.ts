import type { CallRecording } from '../../contract/call.ts';

/** What everybody in the call is to hear and read now. */
export type Announcement = 'started' | 'stopped' | null;

const runs = (recording: CallRecording | null): boolean => recording !== null && recording.state !== 'stopping';

/** What changed for the people in a call between two states of its recording; joining counts as a change from nothing. */
export function announcementFor(before: CallRecording | null, after: CallRecording | null): Announcement {
  if (runs(after) && (!runs(before) || before?.recordingId !== after?.recordingId)) return 'started';
  if (runs(before) && !runs(after)) return 'stopped';
  return null;
}
