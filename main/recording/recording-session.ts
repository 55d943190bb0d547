import { assertNever, toErrorShape } from '../../contract/errors.ts';
import type { DiskSpace, Recording, RecordingEvent, RecordingHealth } from '../../contract/recording.ts';
import { finalise } from './finalise.ts';
import type { FinaliseContext } from './finalise.ts';
import { CAPTURE_CLOSE_LIMIT_MS, HEALTH_LOOK_MS, SYNC_INTERVAL_MS } from './limits.ts';
import { createLiveCapture } from './live-capture.ts';
import type { LiveCapture } from './live-capture.ts';
import type { Clock, Files, Ids, MediaJobs, Scheduler } from './ports.ts';
import { stepRecorder } from './recorder.ts';
import type { RecorderEffect, RecorderEvent, RecorderState } from './recorder.ts';
import type { RecordingClock } from './recording-clock.ts';
import type { Ledger } from './recording-ledger.ts';
import type { RecordingModel } from './recording-model.ts';
import type { FinishByScan } from './segment-finish.ts';

export type SessionPorts = {
  files: Files;
  clock: Clock;
  ids: Ids;
  scheduler: Scheduler;
  jobs: MediaJobs;
  /** Scans a file in another thread; left out, it is done in this one. */
  finishByScan?: FinishByScan;
};

/** A recording that is being made, or being brought to its end. */
export type RecordingSession = {
  readonly ledger: Ledger;
  /** Null for a recording that was found at launch or is tried again. */
  readonly capture: LiveCapture | null;
  state: () => RecorderState;
  elapsedMs: () => number;
  health: () => RecordingHealth;
  dispatch: (event: RecorderEvent) => void;
  /** Resolves when the recording is completed or failed, or when saving it was given up for now. */
  settled: Promise<void>;
  abort: () => void;
};

export type SessionOptions = {
  ports: SessionPorts;
  ledger: Ledger;
  state: RecorderState;
  /** Null when nothing is captured any more. */
  clock: RecordingClock | null;
  /** The last sign of life, on the recording's clock, of a recording that was found without an end. */
  aliveMs: number | null;
  /** Room on the disk as it was last looked at. */
  space: () => DiskSpace | null;
  writingApp: string;
  emit: (event: RecordingEvent) => void;
  /** The recording changed in a way that the library must know. */
  onChanged: (recording: Recording) => void;
};

type RecordingEventType = Exclude<RecordingEvent['type'], 'recordingHealth' | 'recordingDeleted'>;

/** Runs the recorder's decisions for one recording. */
export function createSession(options: SessionOptions): RecordingSession {
  const { ledger, ports } = options;
  const { promise: settled, resolve: settle } = Promise.withResolvers<void>();
  const abort = new AbortController();
  let state = options.state;
  let health: RecordingHealth = { kind: 'starting' };
  let undoCaptureLimit: (() => void) | null = null;

  const elapsedMs = (): number => options.clock?.nowMs() ?? ledger.model().elapsedMs ?? 0;

  const emit = (type: RecordingEventType): void => {
    const recording = ledger.recording();
    if (type !== 'recordingProgress') options.onChanged(recording);
    options.emit({ type, recording });
  };

  const emitHealth = (onlyWhenChanged: boolean): void => {
    if (capture === null || !isRunning(state)) return;
    const judged = capture.health();
    const changed = JSON.stringify(judged.health) !== JSON.stringify(health);
    health = judged.health;
    if (onlyWhenChanged && !changed) return;
    const { id: recordingId, callId } = ledger.model();
    options.emit({
      type: 'recordingHealth',
      recordingId,
      callId,
      elapsedMs: elapsedMs(),
      ...judged,
      space: options.space(),
    });
  };

  const dispatch = (event: RecorderEvent): void => {
    const step = stepRecorder(state, event);
    state = step.state;
    for (const effect of step.effects) perform(effect);
  };

  const perform = (effect: RecorderEffect): void => {
    switch (effect.kind) {
      case 'announcePause':
        void ledger.keep({ kind: 'paused', atMs: options.clock?.hold() ?? 0 });
        void ledger.sync();
        emit('recordingPaused');
        return;
      case 'freezeClock':
        // Only now: what the recorders had given until they stopped belongs to the recording, the wait for it does not.
        void ledger.keep({ kind: 'paused', atMs: options.clock?.freeze(capturedUntilMs(ledger.model())) ?? 0 });
        void ledger.sync();
        emit('recordingChanged');
        return;
      case 'thawClock':
        void ledger.keep({ kind: 'resumed', pausedMs: options.clock?.thaw() ?? 0 });
        void ledger.sync();
        capture?.goOn();
        emitHealth(true);
        emit('recordingResumed');
        return;
      case 'announceStopping':
        void ledger.keep({
          kind: 'stopping',
          endedAt: new Date(ports.clock.wallMs()).toISOString(),
          elapsedMs: elapsedMs(),
        });
        void ledger.sync();
        emit('recordingStopping');
        return;
      case 'armCaptureLimit':
        undoCaptureLimit?.();
        undoCaptureLimit = ports.scheduler.after(CAPTURE_CLOSE_LIMIT_MS, () => dispatch({ kind: 'captureLate' }));
        return;
      case 'disarmCaptureLimit':
        undoCaptureLimit?.();
        return;
      case 'cutOffCapture':
        void capture?.closeAll(state.kind === 'pausing' ? 'paused' : 'stopped');
        return;
      case 'finalise':
        void runFinalise();
        return;
      case 'journalInterrupted':
        void ledger.keep({ kind: 'interrupted', aliveMs: options.aliveMs });
        void ledger.keep({
          kind: 'note',
          text: 'The recording was interrupted; everything that had reached the disk was saved.',
        });
        emit('recordingChanged');
        return;
      case 'journalCompleted':
        void ledger.keep({ kind: 'completed' });
        void end('recordingCompleted');
        return;
      case 'journalFailed':
        void ledger.keep({ kind: 'failed', error: effect.error });
        void end('recordingFailed');
        return;
      default:
        assertNever(effect);
    }
  };

  const end = async (type: RecordingEventType): Promise<void> => {
    await ledger.sync();
    emit(type);
    settle();
  };

  const runFinalise = async (): Promise<void> => {
    for (const undo of undoBeats) undo();
    capture?.stop();
    try {
      const error = await finalise(context);
      dispatch(error === null ? { kind: 'finished' } : { kind: 'finishFailed', error });
    } catch (cause) {
      // Given up for now: the journal has no end, so the next launch goes on from here.
      await (capture?.takeLiveMix()?.mix.abort() ?? Promise.resolve());
      if (abort.signal.aborted) settle();
      else dispatch({ kind: 'finishFailed', error: toErrorShape(cause) });
    }
  };

  const context: FinaliseContext = {
    files: ports.files,
    ids: ports.ids,
    jobs: ports.jobs,
    finishByScan: ports.finishByScan,
    ledger,
    takeLiveMix: () => capture?.takeLiveMix() ?? null,
    signal: abort.signal,
    onPlayable: () => emit('recordingProcessing'),
    onProgress: (progress) => {
      ledger.setProgress(progress);
      if (progress !== null) emit('recordingProgress');
    },
    onThumbnails: () => emit('thumbnailsGenerated'),
  };

  const capture =
    options.clock === null
      ? null
      : createLiveCapture({
          ...ports,
          ledger,
          clockMs: options.clock.captureMs,
          writingApp: options.writingApp,
          isTaking: () => state.kind === 'recording',
          onSegmentOpened: () => dispatch({ kind: 'segmentOpened' }),
          onSegmentClosed: () => dispatch({ kind: 'segmentClosed' }),
          onHealth: () => emitHealth(true),
          onStateChanged: () => emit('recordingChanged'),
        });
  const undoBeats =
    capture === null
      ? []
      : [
          ports.scheduler.every(SYNC_INTERVAL_MS, () => emitHealth(false)),
          ports.scheduler.every(HEALTH_LOOK_MS, () => emitHealth(true)),
        ];

  return {
    ledger,
    capture,
    state: () => state,
    elapsedMs,
    health: () => health,
    dispatch,
    settled,
    abort: () => {
      abort.abort();
      // Found and not begun: it stays for the next launch as it is.
      if (state.kind === 'interrupted') settle();
    },
  };
}

/** Where the last frame of all tracks ends on the recording's clock. */
function capturedUntilMs({ tracks }: RecordingModel): number {
  const segments = tracks.flatMap((track) => track.segments);
  return Math.max(0, ...segments.map(({ file, durationMs }) => (file === null ? 0 : file.offsetMs + durationMs)));
}

/** Whether a recording is between Record and Stop, or just behind it: its capture still has a say. */
export function isRunning(state: RecorderState): boolean {
  return state.kind === 'recording' || state.kind === 'pausing' || state.kind === 'paused' || state.kind === 'stopping';
}

/** The state of a recording whose journal was read. */
export function stateOfRecording(recording: Pick<Recording, 'status' | 'error'>): RecorderState {
  switch (recording.status) {
    case 'recording':
      return { kind: 'recording', open: 0 };
    case 'paused':
      return { kind: 'paused' };
    case 'stopping':
      return { kind: 'stopping', open: 0 };
    case 'processing':
      return { kind: 'processing' };
    case 'completed':
      return { kind: 'completed' };
    case 'interrupted':
      return { kind: 'interrupted' };
    case 'failed':
      return { kind: 'failed', retryable: recording.error?.retryable ?? false };
    default:
      return assertNever(recording.status);
  }
}
