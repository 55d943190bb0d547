import type { Call, CallRecording } from '../../contract/call.ts';
import type { TrackHealth } from '../../contract/recording.ts';
import { useServices } from '../app/services.ts';
import { useStore } from '../ui/store.ts';

const noTracks: readonly TrackHealth[] = [];

/** The recording of this call; the host's own report from the disk is preferred to the one that went round by the server. */
export function useCallRecording(call: Call): { recording: CallRecording | null; tracks: readonly TrackHealth[] } {
  const { health } = useStore(useServices().recordings);
  const { recording } = call;
  if (recording === null || health?.recordingId !== recording.recordingId) return { recording, tracks: noTracks };
  return {
    recording: { ...recording, health: health.health, elapsedMs: Math.max(recording.elapsedMs, health.elapsedMs) },
    // While it is paused nothing is expected of anybody, so nothing is said of anybody.
    tracks: recording.state === 'paused' ? noTracks : health.tracks,
  };
}
