import { assertNever } from '../../contract/errors.ts';
import type { TrackHealth } from '../../contract/recording.ts';
import { durationWords } from '../ui/time-words.ts';

export type DiskState = TrackHealth['state'];

const worst: readonly DiskState[] = ['lost', 'waiting', 'onDisk', 'idle'];

/** How one person's tracks are doing on the host's disk: the worst of them; null when nothing of them is recorded. */
export function diskStateOf(
  tracks: readonly TrackHealth[],
  participantId: string,
): { state: DiskState; words: string } | null {
  const own = tracks.filter((track) => track.participantId === participantId);
  const state = worst.find((candidate) => own.some((track) => track.state === candidate));
  if (state === undefined) return null;
  const ages = own.filter((track) => track.state === state).map((track) => track.lastDurableAgoMs ?? 0);
  return { state, words: diskWords(state, Math.max(...ages)) };
}

function diskWords(state: DiskState, agoMs: number): string {
  switch (state) {
    case 'onDisk':
      return 'On the disk';
    case 'waiting':
      return 'Waiting for the first bytes';
    case 'lost':
      return agoMs > 0 ? `Nothing has reached the disk for ${durationWords(agoMs)}` : 'Nothing reaches the disk';
    case 'idle':
      return 'Nothing to record: muted and without picture';
    default:
      return assertNever(state);
  }
}
