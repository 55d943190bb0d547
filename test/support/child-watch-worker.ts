import { readFileSync, readdirSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** A program below the watched process, as it was seen. */
export type SeenProgram = { line: string; environment: string };

const LOOK_EVERY_MS = 5;

const readOrNothing = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

const lineOf = (pid: number): string => readOrNothing(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();

function childrenOf(pid: number): number[] {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  return threads.flatMap((thread) =>
    readOrNothing(`/proc/${pid}/task/${thread}/children`)
      .split(' ')
      .filter((each) => each !== '')
      .map(Number),
  );
}

const rootPid = Number(workerData);
const rootLine = lineOf(rootPid);
const seen = new Set<string>();

function look(pid: number): void {
  for (const child of childrenOf(pid)) {
    const line = lineOf(child);
    // Between fork and exec a child is a copy of its parent, words and environment: it is no other program yet.
    if (line !== '' && line !== rootLine && !seen.has(`${child} ${line}`)) {
      seen.add(`${child} ${line}`);
      const program: SeenProgram = { line, environment: readOrNothing(`/proc/${child}/environ`) };
      parentPort?.postMessage(program, []);
    }
    look(child);
  }
}

setInterval(() => look(rootPid), LOOK_EVERY_MS);
