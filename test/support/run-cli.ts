import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../main/cli/main.ts', import.meta.url));

/** A command line that runs, and what it has said so far. */
export type RunningCli = {
  child: ChildProcessWithoutNullStreams;
  said: { out: string; err: string };
  /** Waits until stdout or stderr fits. */
  until(fits: (said: { out: string; err: string }) => boolean): Promise<void>;
  ended: Promise<EndedCli>;
};

export type EndedCli = { code: number | null; out: string; err: string };

/** Starts the command line as a process of its own, on a profile. */
export function startCli(args: readonly string[], profileFolder: string | null): RunningCli {
  const profile = profileFolder === null ? [] : ['--profile', profileFolder];
  return watchProgram(process.execPath, [main, ...args, ...profile]);
}

/** Runs the command line on a profile to its end. */
export function runCli(args: readonly string[], profileFolder: string | null): Promise<EndedCli> {
  return startCli(args, profileFolder).ended;
}

/** Starts any program and keeps what it says. */
export function watchProgram(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  cwd: string = process.cwd(),
): RunningCli {
  const child = spawn(command, args, { env, cwd });
  const said = { out: '', err: '' };
  let waiting: (() => void)[] = [];
  const hear = (where: 'out' | 'err') => (text: string) => {
    said[where] += text;
    const now = waiting;
    waiting = [];
    for (const look of now) look();
  };
  child.stdout.setEncoding('utf8').on('data', hear('out'));
  child.stderr.setEncoding('utf8').on('data', hear('err'));
  const ended = once(child, 'close').then(([code]: unknown[]) => ({
    code: typeof code === 'number' ? code : null,
    ...said,
  }));
  return {
    child,
    said,
    ended,
    async until(fits) {
      while (!fits(said)) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
