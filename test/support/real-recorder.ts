import { join } from 'node:path';
import type { FileFormat, Recording } from '../../contract/recording.ts';
import { createLibrary } from '../../main/library/library.ts';
import type { Library } from '../../main/library/library.ts';
import { nodeClock, nodeIds, nodeScheduler } from '../../main/recording/node-clock.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import { createRecordings } from '../../main/recording/recording-service.ts';
import type { Recordings } from '../../main/recording/recording-service.ts';
import { realJobs } from './recorder-harness.ts';

/** The recordings service as the app runs it: real disk, real FFmpeg, real time. */
export type RealRecorder = { recordings: Recordings; library: Library };

/** Makes the service over `<folder>/recordings` and `<folder>/profile`; nothing is recovered yet. */
export function openRealRecorder(
  folder: string,
  options: {
    recordingsFolder?: string;
    diskReserveBytes?: number;
    format?: FileFormat;
    view?: (recording: Recording) => Recording;
  } = {},
): RealRecorder {
  const { recordingsFolder = join(folder, 'recordings'), diskReserveBytes = 0, format = 'mkv', view } = options;
  const library = createLibrary({
    files: nodeFiles,
    ids: nodeIds,
    scheduler: nodeScheduler,
    path: join(folder, 'profile', 'library.json'),
    onWriteFailed: () => undefined,
  });
  const recordings = createRecordings(
    { files: nodeFiles, clock: nodeClock, ids: nodeIds, scheduler: nodeScheduler, jobs: realJobs(), library },
    {
      recordingsFolder: () => recordingsFolder,
      captureSettings: () => ({ videoBitsPerSecond: 2_000_000, audioBitsPerSecond: 128_000, recordMix: true }),
      diskReserveBytes: () => diskReserveBytes,
      format: () => format,
      ...(view === undefined ? {} : { view }),
      writingApp: 'Tallylight test',
    },
  );
  return { recordings, library };
}
