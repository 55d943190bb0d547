import { ChildProcess } from 'node:child_process';
import type { StdioOptions } from 'node:child_process';
import type { Writable } from 'node:stream';
import fluentFfmpeg from 'fluent-ffmpeg';
import type { FfmpegSpec } from './argv.ts';
import { childEnvironment, ownGroup } from './child-environment.ts';
import { failedError, floodError, launchError, stalledError } from './ffmpeg-errors.ts';
import { createLineReader } from './line-reader.ts';
import type { MediaClock } from './media-clock.ts';
import { abortedError } from './media-error.ts';
import type { MediaError, MediaErrorDetails } from './media-error.ts';
import type { ProcessIdentity, Processes } from './processes.ts';
import { emptyProgressReading, readProgressLine } from './progress.ts';
import type { FfmpegProgress } from './progress.ts';
import { createStallWatch } from './stall-watch.ts';
import { endWithApp, systemProcesses } from './system-processes.ts';

/** How a run ended. */
export type FfmpegOutcome =
  | { readonly ok: true; readonly elapsedMs: number }
  | { readonly ok: false; readonly error: MediaError };

export type FfmpegRunOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FfmpegProgress) => void) | undefined;
  /** Killed when it takes longer than this. */
  readonly timeoutMs?: number | undefined;
  /** Killed when neither its time nor its output grows for this long and it computes nothing; null switches the watch off. */
  readonly stallMs?: number | null | undefined;
  /** Told soon after the start what process it is, so that a later run of the app can end it; not told of one that is gone. */
  readonly onProcess?: ((identity: ProcessIdentity) => void) | undefined;
};

/** A running FFmpeg. */
export type FfmpegProcess = {
  /** Null when it could not be started; `done` then says why. */
  readonly pid: number | null;
  readonly startedAtMs: number;
  /** Open only when the spec asked for a stream. */
  readonly stdin: Writable | null;
  /** Settles when the process is gone; never rejects. */
  readonly done: Promise<FfmpegOutcome>;
  /** Ends the process for the reason given; `done` then fails with it. */
  readonly kill: (reason: MediaError) => void;
  /** From now on the process may stand still for so long, and take so long in all. */
  readonly limit: (limits: { readonly stallMs: number; readonly timeoutMs: number }) => void;
};

export type Ffmpeg = {
  readonly start: (spec: FfmpegSpec, options?: FfmpegRunOptions) => FfmpegProcess;
  /** Runs to the end; rejects with a MediaError, and only when the process is gone. */
  readonly run: (spec: FfmpegSpec, options?: FfmpegRunOptions) => Promise<{ readonly elapsedMs: number }>;
};

export type FfmpegConfig = {
  readonly ffmpegPath: string;
  readonly clock: MediaClock;
  readonly log?: ((message: string, facts: MediaErrorDetails) => void) | undefined;
  /** How long a process may take to obey SIGTERM before SIGKILL. */
  readonly killAfterMs?: number | undefined;
  /** The stall limit of runs that name none. */
  readonly stallMs?: number | undefined;
  readonly processes?: Processes | undefined;
  /** Called when a run went wrong, whoever asked for it; not when it was given up. */
  readonly onFault?: ((error: MediaError) => void) | undefined;
};

const defaultStallMs = 30_000;
const defaultKillAfterMs = 2_000;
const maxLineChars = 500;
const stderrTailLines = 20;
// A grandchild that left the process group may hold the pipes open; nobody waits for it longer than this.
const pipesCloseWithinMs = 500;
// A damaged hour makes some megabytes of warnings, and its result grows meanwhile.
const maxBytesWithoutGrowth = 8 * 1024 * 1024;

/** Makes the launcher of one FFmpeg binary. */
export function createFfmpeg(config: FfmpegConfig): Ffmpeg {
  const start = (spec: FfmpegSpec, options: FfmpegRunOptions = {}): FfmpegProcess =>
    startProcess(config, spec, options);
  return {
    start,
    run: async (spec, options = {}) => {
      if (options.signal?.aborted) throw abortedError('FFmpeg');
      const outcome = await start(spec, options).done;
      if (!outcome.ok) throw outcome.error;
      return { elapsedMs: outcome.elapsedMs };
    },
  };
}

function startProcess(config: FfmpegConfig, spec: FfmpegSpec, options: FfmpegRunOptions): FfmpegProcess {
  const { clock, processes = systemProcesses } = config;
  const startedAtMs = clock.nowMs();
  let child: ChildProcess;
  try {
    child = spawnThroughFluent(config.ffmpegPath, spec.args, [
      spec.input.kind === 'none' ? 'ignore' : 'pipe',
      'pipe',
      'pipe',
    ]);
  } catch (error) {
    const launch = launchError(config.ffmpegPath, error);
    config.onFault?.(launch);
    return notStarted(startedAtMs, launch);
  }
  const pid = child.pid ?? 0;
  const forget = child.pid === undefined ? () => undefined : endWithApp(child.pid);

  const stderrTail: string[] = [];
  const { promise: done, resolve } = Promise.withResolvers<FfmpegOutcome>();
  const undos = new Map<string, () => void>();
  let killReason: MediaError | null = null;
  let settled = false;
  let lastMark = '';
  let bytesWithoutGrowth = 0;

  const setTimer = (name: string, callback: () => void, delayMs: number): void => {
    undos.get(name)?.();
    undos.set(name, clock.setTimer(callback, delayMs));
  };
  const settle = (outcome: FfmpegOutcome): void => {
    if (settled) return;
    settled = true;
    forget();
    stallWatch.stop();
    for (const undo of undos.values()) undo();
    options.signal?.removeEventListener('abort', onAbort);
    child.stdin?.destroy();
    child.stdout?.destroy();
    child.stderr?.destroy();
    config.log?.('ffmpeg ended', {
      pid,
      elapsedMs: clock.nowMs() - startedAtMs,
      result: outcome.ok ? 'ok' : outcome.error.code,
    });
    if (!outcome.ok && outcome.error.code !== 'FFMPEG_ABORTED') config.onFault?.(outcome.error);
    resolve(outcome);
  };
  const kill = (reason: MediaError): void => {
    if (settled || killReason !== null) return;
    killReason = reason;
    if (child.exitCode !== null || child.signalCode !== null) return;
    // A read of a pipe that FFmpeg is blocked in goes on after SIGTERM; only the end of the pipe wakes it.
    child.stdin?.destroy();
    processes.signalTree(pid, 'SIGTERM');
    setTimer('kill', () => processes.signalTree(pid, 'SIGKILL'), config.killAfterMs ?? defaultKillAfterMs);
  };
  const onAbort = (): void => kill(abortedError('FFmpeg'));
  const stallWatch = createStallWatch({
    clock,
    cpuMs: () => processes.cpuMsOf(pid),
    onStalled: (waitedMs) => kill(stalledError(`FFmpeg did not get on for ${waitedMs} ms.`, stderrTail)),
  });
  const heard = (text: string): void => {
    bytesWithoutGrowth += text.length;
    if (bytesWithoutGrowth <= maxBytesWithoutGrowth) return;
    stderrLines.end();
    kill(floodError(bytesWithoutGrowth, stderrTail));
    // Reading on would keep this process from everything else.
    child.stdout?.destroy();
    child.stderr?.destroy();
  };

  // stderr and progress: bounded lines, a bounded tail, nothing else is kept.
  const stderrLines = createLineReader(maxLineChars, (line) => {
    stderrTail.push(line);
    if (stderrTail.length > stderrTailLines) stderrTail.shift();
  });
  child.stderr?.on('data', (text) => {
    if (killReason === null) heard(String(text));
    stderrLines.push(String(text));
  });
  let reading = emptyProgressReading;
  const progressLines = createLineReader(maxLineChars, (line) => {
    const step = readProgressLine(reading, line);
    reading = step.reading;
    if (step.report === null || settled) return;
    // FFmpeg 7 goes on reporting while it waits, so a report alone is no sign of life: something in it must have grown.
    const mark = `${step.report.outTimeMs} ${step.report.totalSizeBytes}`;
    if (mark !== lastMark) {
      lastMark = mark;
      bytesWithoutGrowth = 0;
      stallWatch.grew();
    }
    options.onProgress?.(step.report);
  });
  child.stdout?.setEncoding('utf8');
  child.stdout?.on('data', (text) => {
    if (killReason === null) heard(String(text));
    progressLines.push(String(text));
  });

  child.on('error', (error) => {
    // Also emitted when a signal could not be delivered: then the process is there and its exit will come.
    if (child.pid === undefined) settle({ ok: false, error: launchError(config.ffmpegPath, error) });
  });
  child.on('exit', (code, signal) => {
    const end = (): void => {
      stderrLines.end();
      const elapsedMs = clock.nowMs() - startedAtMs;
      if (killReason !== null) settle({ ok: false, error: killReason });
      else if (code === 0) settle({ ok: true, elapsedMs });
      else settle({ ok: false, error: failedError(code, signal, stderrTail) });
    };
    undos.get('kill')?.();
    stallWatch.stop();
    // Nothing that it started may go on: not write into a result, and not hold the pipes.
    processes.killLeftovers(pid);
    child.once('close', end);
    setTimer('pipes', end, pipesCloseWithinMs);
  });
  // A broken pipe only says that the process has gone; its exit says why.
  child.stdin?.on('error', () => undefined);

  const limitTime = (timeoutMs: number): void =>
    setTimer('timeout', () => kill(stalledError(`FFmpeg took longer than ${timeoutMs} ms.`, stderrTail)), timeoutMs);
  if (options.timeoutMs !== undefined) limitTime(options.timeoutMs);
  if (options.stallMs !== null) stallWatch.start(options.stallMs ?? config.stallMs ?? defaultStallMs);
  if (options.signal?.aborted) onAbort();
  else options.signal?.addEventListener('abort', onAbort, { once: true });
  if (spec.input.kind === 'text') child.stdin?.end(spec.input.text);

  const identify = async (tell: (identity: ProcessIdentity) => void): Promise<void> => {
    const identity = await processes.identityOf(pid);
    if (identity !== null && !settled) tell(identity);
  };
  if (options.onProcess !== undefined && child.pid !== undefined) void identify(options.onProcess);

  config.log?.('ffmpeg started', { pid, args: spec.args.join(' ').slice(0, 2000) });
  return {
    pid: child.pid ?? null,
    startedAtMs,
    stdin: spec.input.kind === 'stream' ? child.stdin : null,
    done,
    kill,
    limit: ({ stallMs, timeoutMs }) => {
      if (settled) return;
      stallWatch.start(stallMs);
      limitTime(timeoutMs);
    },
  };
}

/**
 * Starts the process through fluent-ffmpeg's own launcher, not through its command builder: `run()` first asks FFmpeg
 * for formats and encoders, refuses formats that its parser misreads in FFmpeg 7's lists, starts ffprobe when somebody
 * listens for progress, and adds arguments. Its launcher (lib/processor.js, pinned 2.1.3) takes argv as it is.
 */
function spawnThroughFluent(ffmpegPath: string, args: readonly string[], stdio: StdioOptions): ChildProcess {
  const command = fluentFfmpeg({ stdoutLines: 1 });
  // Kept in module state over there; the launcher reads it back within this same call.
  command.setFfmpegPath(ffmpegPath);
  const launcher: unknown = Reflect.get(command, '_spawnFfmpeg');
  if (typeof launcher !== 'function') throw new Error('This fluent-ffmpeg has no launcher.');
  const started: unknown[] = [];
  Reflect.apply(launcher, command, [
    [...args],
    {
      stdio,
      windowsHide: true,
      detached: ownGroup,
      captureStdout: false,
      stdoutLines: 1,
      env: childEnvironment(),
    },
    (child: unknown) => started.push(child),
    () => undefined,
  ]);
  const child = started[0];
  if (!(child instanceof ChildProcess)) throw new Error('fluent-ffmpeg started no process.');
  // Its line buffer grows for as long as no line end comes; ours does not.
  child.stderr?.removeAllListeners('data');
  return child;
}

function notStarted(startedAtMs: number, error: MediaError): FfmpegProcess {
  return {
    pid: null,
    startedAtMs,
    stdin: null,
    done: Promise.resolve({ ok: false, error }),
    kill: () => undefined,
    limit: () => undefined,
  };
}
