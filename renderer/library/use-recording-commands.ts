import { useState } from 'react';
import { assertNever, toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { Recording } from '../../contract/recording.ts';
import { entryOf } from '../app/retention-store.ts';
import { useNavigate, useServices } from '../app/services.ts';
import { recordingTitle } from '../recording/recording-words.ts';
import type { Command } from './commands.ts';

/** What is shown beside the recording or in place of a part of it. */
type Mode = 'shown' | 'renaming' | 'askingToDelete' | 'copyingLink' | 'askingToRemove';

export type RecordingCommands = {
  run: (command: Command) => void;
  rename: (title: string | null) => void;
  remove: (alsoInBucket: boolean) => void;
  removeFromBucket: () => void;
  mode: Mode;
  setMode: (mode: Mode) => void;
  error: ErrorShape | null;
  clearError: () => void;
};

/** Carries out the commands of one recording and keeps the error that one of them met. */
export function useRecordingCommands(recording: Recording): RecordingCommands {
  const { client, recordings, retention } = useServices();
  const navigate = useNavigate();
  const [mode, setMode] = useState<Mode>('shown');
  const [error, setError] = useState<ErrorShape | null>(null);
  const recordingId = recording.id;

  const attempt = (work: Promise<unknown>): void => {
    setError(null);
    work.catch((problem: unknown) => setError(toErrorShape(problem)));
  };
  const attemptChange = (work: Promise<Recording>): void => attempt(work.then(recordings.put));

  const bringBack = (): void => {
    const { status } = retention.get();
    const entry = status.kind === 'ready' ? entryOf(status.status.bin, recordingId, 'media') : null;
    if (entry !== null) attempt(retention.restore(entry.id));
  };

  const run = (command: Command): void => {
    switch (command.kind) {
      case 'play':
      case 'details':
        navigate({ kind: 'opened', screen: { kind: 'player', recordingId } });
        return;
      case 'showInFolder':
        attempt(client.request('recording.showInFolder', { recordingId, deliverableId: null }));
        return;
      case 'rename':
        setMode('renaming');
        return;
      case 'retry':
        attemptChange(client.request('recording.retry', { recordingId }));
        return;
      case 'exportTrack':
        attempt(client.request('recording.exportTrack', { recordingId, trackId: command.track.id }));
        return;
      case 'upload':
      case 'uploadAgain':
        attemptChange(client.request('cloud.upload', { recordingId }));
        return;
      case 'pauseUpload':
        attemptChange(client.request('cloud.pause', { recordingId }));
        return;
      case 'resumeUpload':
        attemptChange(client.request('cloud.resume', { recordingId }));
        return;
      case 'cancelUpload':
        attemptChange(client.request('cloud.cancel', { recordingId }));
        return;
      case 'copyLink':
        setMode('copyingLink');
        return;
      case 'removeFromBucket':
        setMode('askingToRemove');
        return;
      case 'bringBack':
        bringBack();
        return;
      case 'pin':
      case 'unpin':
        attemptChange(client.request('recording.pin', { recordingId, pinned: command.kind === 'pin' }));
        return;
      case 'delete':
        setMode('askingToDelete');
        return;
      default:
        assertNever(command);
    }
  };

  return {
    run,
    mode,
    setMode,
    error,
    clearError: () => setError(null),
    rename(title) {
      setMode('shown');
      if (title !== null) attemptChange(client.request('recording.rename', { recordingId, title }));
    },
    remove(alsoInBucket) {
      setMode('shown');
      attempt(retention.remove({ id: recordingId, title: recordingTitle(recording) }, alsoInBucket));
    },
    removeFromBucket() {
      setMode('shown');
      attemptChange(client.request('cloud.removeFiles', { recordingId }));
    },
  };
}
