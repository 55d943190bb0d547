import { dirname } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { DiskSpace } from '../../contract/recording.ts';
import { ENDED_BY_FULL_DISK } from '../../contract/recording.ts';
import { expectedBytesPerSecond, judgeSpace } from './disk-space.ts';
import { RATE_KNOWN_AFTER_S } from './limits.ts';
import type { Files, Scheduler } from './ports.ts';
import type { RecordingSession } from './recording-session.ts';
import type { RecordingsConfig } from './recordings.ts';
import { watchSpace } from './space-watch.ts';
import type { SpaceWatch } from './space-watch.ts';

/** The room on the disk for recordings: before one is begun, and while it runs. */
export type RecordingRoom = {
  /** Room for a recording of so many people; throws DISK_FAILED when the system does not tell. */
  space: (people: number) => Promise<DiskSpace>;
  /** Throws DISK_FULL when there is too little to begin. */
  requireIn: (root: string) => Promise<void>;
  /** Watches the room while a recording runs, and ends it at the floor. */
  watch: (root: string, session: RecordingSession) => void;
  /** As it was at the last look of the running recording. */
  latest: () => DiskSpace | null;
};

export type RecordingRoomOptions = {
  files: Pick<Files, 'freeBytes'>;
  scheduler: Scheduler;
  config: Pick<RecordingsConfig, 'recordingsFolder' | 'captureSettings' | 'diskReserveBytes' | 'format'>;
  /** All that was taken so far, of all recordings. */
  takenBytes: () => number;
};

/** Makes the watch over the room of a service. */
export function createRecordingRoom({ files, scheduler, config, takenBytes }: RecordingRoomOptions): RecordingRoom {
  let current: SpaceWatch | null = null;

  const expected = (people: number): number =>
    expectedBytesPerSecond(people, config.format(), config.captureSettings());

  const roomIn = async (folder: string, people: number): Promise<DiskSpace | null> => {
    try {
      const freeBytes = await files.freeBytes(folder);
      return judgeSpace({ freeBytes, reserveBytes: config.diskReserveBytes(), bytesPerSecond: expected(people) });
    } catch {
      // A system that does not tell must not keep anybody from recording.
      return null;
    }
  };

  return {
    space: async (people) => {
      const root = config.recordingsFolder();
      const space = (await roomIn(root, people)) ?? (await roomIn(dirname(root), people));
      if (space === null) throw new AppError('DISK_FAILED', 'The system does not say how much room there is.');
      return space;
    },
    requireIn: async (root) => {
      if ((await roomIn(root, 1))?.level !== 'floor') return;
      throw new AppError('DISK_FULL', 'There is too little room on the disk to record.', {
        retryable: true,
        details: { path: root },
      });
    },
    watch: (root, session) => {
      const startBytes = takenBytes();
      const reserveAtStart = config.diskReserveBytes();
      current?.stop();
      const watch = watchSpace({
        files,
        scheduler,
        folder: root,
        // A change of a setting never ends what is being recorded: a larger reserve counts from the next recording.
        reserveBytes: () => Math.min(reserveAtStart, config.diskReserveBytes()),
        bytesPerSecond: () => {
          // The recording's own time: while it is paused nothing is written.
          const seconds = session.elapsedMs() / 1000;
          const people = session.ledger.model().tracks.filter((track) => track.source !== 'mix').length;
          // The first seconds say little: until then what the settings ask for counts.
          return seconds < RATE_KNOWN_AFTER_S ? expected(Math.max(1, people)) : (takenBytes() - startBytes) / seconds;
        },
        onFloor: () => {
          void session.ledger.keep({ kind: 'note', text: ENDED_BY_FULL_DISK });
          session.dispatch({ kind: 'stopRequested' });
        },
      });
      current = watch;
      void session.settled.then(() => watch.stop());
    },
    latest: () => current?.space() ?? null,
  };
}
