import { AppError } from '../../contract/errors.ts';
import type { TrackId } from '../../contract/ids.ts';
import type { Deliverable, RecordingEvent } from '../../contract/recording.ts';
import { exportTrackMp4 } from './finalise.ts';
import type { Ledger } from './recording-ledger.ts';
import type { SessionPorts } from './recording-session.ts';

/** Makes an MP4 of one track on demand and tells how far it is; throws TRACK_UNKNOWN and whatever FFmpeg fails with. */
export async function exportTrack(options: {
  ports: SessionPorts;
  ledger: Ledger;
  trackId: TrackId;
  signal: AbortSignal;
  emit: (event: RecordingEvent) => void;
  onChanged: () => void;
}): Promise<Deliverable> {
  const { ledger, ports, signal } = options;
  const track = ledger.model().tracks.find((each) => each.id === options.trackId);
  if (track === undefined) throw new AppError('TRACK_UNKNOWN', 'The recording has no such track.');
  const tell = (type: 'recordingProgress' | 'recordingChanged'): void => {
    options.emit({ type, recording: ledger.recording() });
  };
  try {
    return await exportTrackMp4(
      {
        ...ports,
        ledger,
        takeLiveMix: () => null,
        signal,
        onPlayable: () => undefined,
        onThumbnails: () => undefined,
        onProgress: (value) => {
          ledger.setProgress(value);
          tell('recordingProgress');
        },
      },
      track,
    );
  } finally {
    ledger.setProgress(null);
    options.onChanged();
    tell('recordingChanged');
  }
}
