/** Holds the lock of a recordings folder until it is killed: `node lock-holder.ts <folder>`; prints how it went. */
import { hostname } from 'node:os';
import { systemProcesses } from '../../main/media/system-processes.ts';
import { createFolderLocks } from '../../main/recording/folder-lock.ts';
import { nodeClock, nodeIds, nodeScheduler } from '../../main/recording/node-clock.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';

const locks = createFolderLocks({
  files: nodeFiles,
  ids: nodeIds,
  clock: nodeClock,
  scheduler: nodeScheduler,
  hostName: hostname(),
  identityOf: systemProcesses.identityOf,
});
process.stdout.write(`${await locks.hold(process.argv[2] ?? '')}\n`);
setInterval(() => undefined, 60_000);
