import { readFileSync, readdirSync } from 'node:fs';

/** Command lines of all processes below one, as they come and go; reads /proc, so only on Linux. */
export type ChildWatch = {
  /** One line a process, its arguments with spaces between. */
  commandLines: () => string[];
  /** Their environments, for the ones that could be read. */
  environments: () => string[];
  stop: () => void;
};

const LOOK_EVERY_MS = 5;

const readOrNothing = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

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

/** Begins to look at everything that is started below a process. */
export function watchChildren(rootPid: number = process.pid): ChildWatch {
  const seen = new Map<string, { line: string; environment: string }>();
  const look = (pid: number): void => {
    for (const child of childrenOf(pid)) {
      const line = readOrNothing(`/proc/${child}/cmdline`).replaceAll('\0', ' ').trim();
      // Between fork and exec a child still has its parent's words: each of its lines is noted.
      if (line !== '') seen.set(`${child} ${line}`, { line, environment: readOrNothing(`/proc/${child}/environ`) });
      look(child);
    }
  };
  const timer = setInterval(() => look(rootPid), LOOK_EVERY_MS);
  return {
    commandLines: () => [...seen.values()].map(({ line }) => line),
    environments: () => [...seen.values()].map(({ environment }) => environment),
    stop: () => clearInterval(timer),
  };
}
