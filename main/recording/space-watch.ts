import type { DiskSpace } from '../../contract/recording.ts';
import { judgeSpace } from './disk-space.ts';
import { SPACE_INTERVAL_MS } from './limits.ts';
import type { Files, Scheduler } from './ports.ts';

/** Looks at the room on the disk while a recording runs. */
export type SpaceWatch = {
  /** As it was at the last look; null before the first, or when the system does not tell. */
  space: () => DiskSpace | null;
  stop: () => void;
};

/** Starts watching; `onFloor` is told once, when there is too little left to go on. */
export function watchSpace(options: {
  files: Pick<Files, 'freeBytes'>;
  scheduler: Scheduler;
  folder: string;
  reserveBytes: () => number;
  /** What is being written now. */
  bytesPerSecond: () => number;
  onFloor: () => void;
}): SpaceWatch {
  let space: DiskSpace | null = null;
  let looking = false;
  let stopped = false;

  const look = async (): Promise<void> => {
    // A disk that hangs must not gather a queue of questions.
    if (looking || stopped) return;
    looking = true;
    try {
      const freeBytes = await options.files.freeBytes(options.folder);
      const reserveBytes = options.reserveBytes();
      space = judgeSpace({ freeBytes, reserveBytes, bytesPerSecond: options.bytesPerSecond() });
    } catch {
      // Whether the disk takes bytes is told by the writes themselves.
      space = null;
    }
    looking = false;
    if (space?.level !== 'floor' || stopped) return;
    stop();
    options.onFloor();
  };

  const undo = options.scheduler.every(SPACE_INTERVAL_MS, () => void look());
  const stop = (): void => {
    stopped = true;
    undo();
  };
  void look();
  return { space: () => space, stop };
}
