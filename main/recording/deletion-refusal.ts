import type { Recording } from '../../contract/recording.ts';

/** Why a recording must not be deleted now, in words; null when it may be. */
export function deletionRefusal(recording: Pick<Recording, 'status' | 'cloud'>): string | null {
  switch (recording.status) {
    case 'recording':
    case 'paused':
    case 'stopping':
      return 'It is being recorded.';
    case 'processing':
    case 'interrupted':
      return 'It is still being saved.';
    case 'completed':
    case 'failed':
      break;
  }
  const { state } = recording.cloud;
  return state === 'queued' || state === 'uploading' ? 'It is being uploaded.' : null;
}
