import { Worker } from 'node:worker_threads';
import type { SeenProgram } from './child-watch-worker.ts';

/** Command lines of all processes below one, as they come and go; reads /proc, so only on Linux. */
export type ChildWatch = {
  /** One line a process, its arguments with spaces between. */
  commandLines: () => string[];
  /** Their environments, for the ones that could be read. */
  environments: () => string[];
  stop: () => void;
};

/**
 * Begins to look at everything that is started below a process. It looks in a thread of its own: one that is at work itself misses
 * programs that take less time.
 */
export function watchChildren(rootPid: number = process.pid): ChildWatch {
  const seen: SeenProgram[] = [];
  const worker = new Worker(new URL('./child-watch-worker.ts', import.meta.url), { workerData: rootPid });
  worker.unref();
  worker.on('message', (program: SeenProgram) => seen.push(program));
  return {
    commandLines: () => seen.map(({ line }) => line),
    environments: () => seen.map(({ environment }) => environment),
    stop: () => void worker.terminate(),
  };
}
