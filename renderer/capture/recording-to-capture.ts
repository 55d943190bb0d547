import type { CallView } from '../call/call-view.ts';
import type { Quiet } from './capture-news.ts';

/**
 * The recording that this window has to capture now: the host's window captures the recording of its own call, unless it
 * already heard that the recording is paused or stops. Null: nothing.
 */
export function recordingToCapture(view: CallView, quiet: Quiet): string | null {
  if (view.kind !== 'inCall' || view.call.role !== 'host') return null;
  const { recording } = view.call;
  if (recording === null || recording.state !== 'recording' || quiet.has(recording.recordingId)) return null;
  return recording.recordingId;
}
