import { useState } from 'react';
import { assertNever, toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { Recording } from '../../contract/recording.ts';
import { useNavigate, useServices } from '../app/services.ts';
import type { Command } from './commands.ts';

export type RecordingCommands = {
  run: (command: Command) => void;
  rename: (title: string | null) => void;
  remove: () => void;
  /** What the row shows instead of itself. */
  mode: 'shown' | 'renaming' | 'askingToDelete';
  setMode: (mode: 'shown' | 'renaming' | 'askingToDelete') => void;
  error: ErrorShape | null;
  clearError: () => void;
};

/** Carries out the commands of one recording and keeps the error that one of them met. */
export function useRecordingCommands(recording: Recording): RecordingCommands {
  const { client, recordings } = useServices();
  const navigate = useNavigate();
  const [mode, setMode] = useState<RecordingCommands['mode']>('shown');
  const [error, setError] = useState<ErrorShape | null>(null);
  const recordingId = recording.id;

  const attempt = (work: Promise<unknown>): void => {
    setError(null);
    work.catch((problem: unknown) => setError(toErrorShape(problem)));
  };

  const run = (command: Command): void => {
    switch (command.kind) {
      case 'play':
        navigate({ kind: 'opened', screen: { kind: 'player', recordingId } });
        return;
      case 'showInFolder':
        attempt(client.request('recording.showInFolder', { recordingId, deliverableId: null }));
        return;
      case 'rename':
        setMode('renaming');
        return;
      case 'retry':
        attempt(client.request('recording.retry', { recordingId }).then(recordings.put));
        return;
      case 'exportTrack':
        attempt(client.request('recording.exportTrack', { recordingId, trackId: command.track.id }));
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
      if (title !== null) attempt(client.request('recording.rename', { recordingId, title }).then(recordings.put));
    },
    remove() {
      setMode('shown');
      attempt(client.request('recording.delete', { recordingId }));
    },
  };
}
