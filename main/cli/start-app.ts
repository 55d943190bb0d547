import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { CliFailure, Interrupted } from './cli-failure.ts';
import type { ControlClient } from './control-client.ts';
import { controlIsOff } from './find-app.ts';

/** How long the app may take until its control API answers, milliseconds; on a slow disk a first start takes ten seconds. */
const START_LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 100;
const HEALTH_LIMIT_MS = 2_000;

/** A program that opens the app. */
export type Launch = {
  command: string;
  args: readonly string[];
  environment: Readonly<Record<string, string | undefined>>;
};

type Ended = { kind: 'running' } | { kind: 'ended'; code: number | null } | { kind: 'notFound' };

/** Starts the app as a process of its own, which outlives this one, and waits until it can be asked. */
export async function startApp(
  launch: Launch,
  find: () => Promise<ControlClient>,
  signal: AbortSignal,
): Promise<ControlClient> {
  const child = spawn(launch.command, [...launch.args], {
    // Of its own session: neither Ctrl+C here nor the end of the terminal ends a call.
    detached: true,
    // A terminal or a pipe that goes away would be the app's end, or its reader's wait.
    stdio: 'ignore',
    env: launch.environment,
  });
  child.unref();
  const ended = watch(child);
  const giveUpAtMs = performance.now() + START_LIMIT_MS;
  let lastReason: unknown;
  while (performance.now() < giveUpAtMs) {
    try {
      const client = await find();
      await client.ask('health', { params: {}, body: null, limitMs: HEALTH_LIMIT_MS });
      return client;
    } catch (error) {
      if (!(error instanceof CliFailure)) throw error;
      lastReason = error;
    }
    const end = ended();
    if (end.kind === 'notFound') throw new CliFailure('APP_NOT_RUNNING', `${launch.command} could not be started.`);
    if (end.kind === 'ended') throw end.code === 0 ? controlIsOff() : didNotStart(end.code);
    await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => {
      throw new Interrupted();
    });
  }
  // What it is waiting for may be its own answer: a file that is not believed says so itself.
  if (lastReason instanceof CliFailure && lastReason.code === 'CONTROL_FILE_UNSAFE') throw lastReason;
  throw new CliFailure(
    'APP_UNREACHABLE',
    `Tallylight was started, but its control API did not answer within ${START_LIMIT_MS / 1000} seconds.`,
  );
}

function watch(child: ChildProcess): () => Ended {
  let ended: Ended = { kind: 'running' };
  child.once('error', () => {
    ended = { kind: 'notFound' };
  });
  child.once('exit', (code) => {
    ended = { kind: 'ended', code };
  });
  return () => ended;
}

function didNotStart(code: number | null): CliFailure {
  return new CliFailure(
    'APP_NOT_RUNNING',
    `Tallylight did not start${code === null ? '' : ` (it ended with ${code})`}. Open it by hand to see why.`,
  );
}
