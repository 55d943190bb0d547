import type { ControlRecording, RunningRecording } from '../../contract/control.ts';
import type { Deliverable, Recording, RecordingHealth } from '../../contract/recording.ts';
import { insideFolder } from '../recording/recording-folder.ts';

/** The answer to whatever changes a running recording. */
export function viewRunning({ id, callId, status, startedAt }: Recording): RunningRecording {
  return { id, callId, status, startedAt };
}

/** A recording as programs see it; `health` is null for one that does not run. */
export function viewRecording(recording: Recording, health: RecordingHealth | null): ControlRecording {
  const deliverables = recording.mediaLeftAt === null ? withPaths(recording) : [];
  return {
    id: recording.id,
    callId: recording.callId,
    title: recording.title,
    status: recording.status,
    health,
    startedAt: recording.startedAt,
    endedAt: recording.endedAt,
    outputPath: outputPath(recording, deliverables),
    folder: recording.folder,
    fileSize: recording.sizeBytes,
    duration: Math.round(recording.durationMs),
    participantNames: recording.participantNames,
    tracks: recording.tracks,
    deliverables,
    thumbnails: recording.thumbnails.flatMap((file) => insideFolder(recording.folder, file) ?? []),
    markers: recording.markers,
    notes: recording.notes,
    progress: recording.progress,
    error: recording.error,
    cloud: recording.cloud,
    mediaLeftAt: recording.mediaLeftAt,
  };
}

type WithPath = Omit<Deliverable, 'file'> & { path: string };

/** A name that leads out of the folder stands in a journal that somebody tampered with: it is told to nobody. */
function withPaths({ folder, deliverables }: Recording): WithPath[] {
  return deliverables.flatMap(({ file, ...rest }) => {
    const path = insideFolder(folder, file);
    return path === null ? [] : [{ ...rest, path }];
  });
}

/** Only once saving is over: until then another file may take the place of one that is finished. */
function outputPath({ status, format }: Recording, deliverables: readonly WithPath[]): string | null {
  if (status !== 'completed' && status !== 'failed') return null;
  const mixes = deliverables.filter(({ kind }) => kind === 'mix');
  const output = mixes.find((mix) => mix.format === format) ?? mixes[0] ?? deliverables[0];
  return output?.path ?? null;
}
