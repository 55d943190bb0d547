/**
 * The recordings service as the app starts it, without the window: `node big-recovery-app.ts <recordings> <profile>`. Prints one JSON
 * line when all is listed and one when all is saved; times are from the start of the process.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createLibrary } from '../../main/library/library.ts';
import { systemProcesses } from '../../main/media/system-processes.ts';
import { createFolderLocks } from '../../main/recording/folder-lock.ts';
import { nodeClock, nodeIds, nodeScheduler } from '../../main/recording/node-clock.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import { createRecordings } from '../../main/recording/recording-service.ts';
import { createScanInWorker } from '../../main/recording/scan-in-worker.ts';
import { realJobs } from '../support/recorder-harness.ts';

const [recordingsFolder = '', profile = ''] = process.argv.slice(2);
const say = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
const shared = { files: nodeFiles, ids: nodeIds, scheduler: nodeScheduler };
const library = createLibrary({ ...shared, path: join(profile, 'library.json'), onWriteFailed: () => undefined });
let fallbacks = 0;
const recordings = createRecordings(
  {
    ...shared,
    clock: nodeClock,
    jobs: realJobs(),
    library,
    locks: createFolderLocks({
      ...shared,
      clock: nodeClock,
      hostName: hostname(),
      identityOf: systemProcesses.identityOf,
    }),
    finishByScan: createScanInWorker({ onFallback: () => (fallbacks += 1) }),
  },
  {
    recordingsFolder: () => recordingsFolder,
    captureSettings: () => ({ videoBitsPerSecond: 2_000_000, audioBitsPerSecond: 128_000, recordMix: true }),
    diskReserveBytes: () => 0,
    format: () => 'mkv',
    writingApp: 'Tallylight test',
  },
);
const rssBytes = process.memoryUsage.rss();
const sinceMs = performance.now();
const delays = monitorEventLoopDelay({ resolution: 10 });
delays.enable();
const report = await recordings.recover();
say({
  event: 'listed',
  rssBytes,
  startMs: sinceMs,
  listedMs: performance.now(),
  count: recordings.list().length,
  interrupted: report.interrupted,
});
await report.finished;
const stuckMs = delays.max / 1e6;
const recording = recordings.list().find(({ id }) => id === report.interrupted[0]) ?? null;
say({ event: 'finished', finishedMs: performance.now() - sinceMs, stuckMs, fallbacks, recording });
await recordings.close({ limitMs: 1_000 });
