import type { CallRecording } from '../../contract/call.ts';
import type { CallsClock } from './calls-ports.ts';

/**
 * A running recording is told of once a second. After this long without a word nobody knows whether bytes reach the disk, and
 * the light has to say so within 3 s (DESIGN rule 7).
 */
export const RECORDING_SILENT_MS = 2_500;

/** Listens for the beat of a recording that another app makes. */
export type RecordingBeat = {
  /** The recording was spoken of; null or an ended one needs no beat. */
  heard: (recording: CallRecording | null) => void;
  stop: () => void;
};

/** Starts listening; `onSilent` is told once per silence. */
export function createRecordingBeat(clock: Pick<CallsClock, 'setTimer'>, onSilent: () => void): RecordingBeat {
  let undo: (() => void) | null = null;
  const stop = (): void => {
    undo?.();
    undo = null;
  };
  return {
    heard: (recording) => {
      stop();
      if (recording === null || recording.state === 'stopping') return;
      undo = clock.setTimer(onSilent, RECORDING_SILENT_MS);
    },
    stop,
  };
}
