import { useEffect } from 'react';
import type { RecordingId } from '../../contract/ids.ts';
import { useServices } from '../app/services.ts';
import type { CallView } from '../call/call-view.ts';
import { isMarkerKey } from './marker-key.ts';

/** The recording that takes markers from this window: only the host's, between Record and Stop. */
export function markableRecording(view: CallView): RecordingId | null {
  if (view.kind !== 'inCall' || view.call.role !== 'host') return null;
  const { recording } = view.call;
  return recording === null || recording.state === 'stopping' ? null : recording.recordingId;
}

/** Alt+K drops a marker, whatever screen is open and wherever the keys go. */
export function useMarkerKey(view: CallView): void {
  const { markers } = useServices();
  const recordingId = markableRecording(view);
  useEffect(() => {
    if (recordingId === null) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (!isMarkerKey(event)) return;
      event.preventDefault();
      event.stopPropagation();
      void markers.drop(recordingId);
    };
    // Before anybody else: an open menu or a dialog keeps keys for itself.
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [recordingId, markers]);
}
