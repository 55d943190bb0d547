import type { Calls } from './calls/calls-service.ts';
import type { Activity } from './cloud/cloud-ports.ts';
import type { Recordings } from './recording/recording-service.ts';

/** What the app is busy with, for whatever must not disturb it. */
export function createActivity(
  recordings: Pick<Recordings, 'callRecording' | 'subscribe'>,
  calls: Pick<Calls, 'current' | 'subscribe'>,
): Activity {
  const now = (): 'recording' | 'call' | null => {
    if (recordings.callRecording() !== null) return 'recording';
    return calls.current() === null ? null : 'call';
  };
  return {
    now,
    subscribe: (listener) => {
      let before = now();
      const look = (): void => {
        const current = now();
        if (current === before) return;
        before = current;
        listener();
      };
      const undos = [recordings.subscribe(look), calls.subscribe(look)];
      return () => {
        for (const undo of undos) undo();
      };
    },
  };
}
