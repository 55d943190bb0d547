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

/** Begins to look at everything that is started below a process. */
export function watchChildren(rootPid: number = process.pid): ChildWatch {
  const seen = new Map<string, { line: string; environment: string }>();
  const rootLine = lineOf(rootPid);
  const look = (pid: number): void => {
    for (const child of childrenOf(pid)) {
      const line = lineOf(child);
      // Between fork and exec a child is a copy of its parent, words and environment: it is no other program yet.
      const environment = line === rootLine ? '' : readOrNothing(`/proc/${child}/environ`);
      if (line !== '') seen.set(`${child} ${line}`, { line, environment });
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
