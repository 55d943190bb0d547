import type { CloudWait, RecordingCloud } from '../../contract/cloud.ts';
import { AppError, toErrorShape } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { CloudFileModel } from '../recording/recording-model.ts';
import type { OpenRecording } from '../recording/recordings.ts';
import type { CloudPorts } from './cloud-ports.ts';
import type { Throttle } from './cloud-target.ts';
import { createSendRate } from './send-rate.ts';
import type { SendRate } from './send-rate.ts';
import { sweepRecording } from './sweep.ts';
import type { TargetCache } from './target-cache.ts';
import { uploadFile } from './upload-file.ts';
import { distinctDestinations, sameDestination } from './upload-plan.ts';

/** How often the progress of an upload is told at most. */
const TELL_INTERVAL_MS = 500;

/** Sends one file at a time, in the order in which recordings were put in. */
export type UploadQueue = {
  /** Puts a recording at the end, unless it is in already. */
  add: (recordingId: RecordingId) => void;
  /** Puts in that something unfinished of it may have to be removed from the bucket; that goes first. */
  addSweep: (recordingId: RecordingId) => void;
  /** Takes a recording out; resolves when nothing of it is under way any more. */
  remove: (recordingId: RecordingId) => Promise<void>;
  /** Gives up at once what is under way when it may not go on, and goes on with what may. */
  reconsider: () => void;
  /** Other settings or credentials: what is under way begins anew with them. */
  setUpChanged: () => void;
  /** Why nothing moves at all although something is queued. */
  waiting: () => CloudWait | null;
  /** How far this recording is right now. */
  live: (recording: { id: RecordingId; cloud: RecordingCloud }) => RecordingCloud;
  size: () => number;
  /** Resolves when nothing is under way. */
  idle: () => Promise<void>;
  close: () => Promise<void>;
};

type Active = {
  recordingId: RecordingId;
  stop: AbortController;
  done: Promise<void>;
  waiting: 'offline' | 'busyServer' | null;
  underWayBytes: number;
  rate: SendRate | null;
};

/** Makes an empty queue. `onChanged` is called whenever what `waiting` or `size` say may have changed. */
export function createUploadQueue(
  ports: CloudPorts,
  options: { targets: TargetCache; throttle: Throttle; preferredPartBytes: number; onChanged: () => void },
): UploadQueue {
  const { recordings, setup, activity, clock, scheduler } = ports;
  const { targets } = options;
  const order: RecordingId[] = [];
  const sweeps: RecordingId[] = [];
  /** Put in while they were in: there may be more of them than was seen. */
  const again = new Set<RecordingId>();
  let active: Active | null = null;
  let running: Promise<void> | null = null;
  let closed = false;
  /** Nobody can send before the setup changes. */
  let lacksSetUp = false;
  let lastTellMs = Number.NEGATIVE_INFINITY;
  let undoTell: (() => void) | null = null;
  let lastHold: CloudWait | null = null;

  const holdReason = (): Extract<CloudWait, 'recording' | 'call' | 'setUp'> | null => {
    const doing = activity.now();
    if (doing === 'recording') return 'recording';
    if (doing === 'call' && ports.settings.get().cloudPauseInCall) return 'call';
    return lacksSetUp || setup.destination() === null ? 'setUp' : null;
  };

  const announce = (recordingId: RecordingId): void => {
    try {
      recordings.announce({ type: 'recordingUploading', recordingId });
    } catch {
      // Deleted meanwhile.
    }
  };

  /** Tells how far the active one is, soon, and not too often. */
  const tell = (): void => {
    if (undoTell !== null || active === null) return;
    const inMs = Math.max(0, lastTellMs + TELL_INTERVAL_MS - clock.monotonicMs());
    undoTell = scheduler.after(inMs, () => {
      undoTell = null;
      lastTellMs = clock.monotonicMs();
      if (active !== null) announce(active.recordingId);
    });
  };

  const wake = (): void => {
    if (running !== null || closed) return;
    running = run().finally(() => {
      running = null;
      // Something may have come in while the last look was over.
      if (!closed && holdReason() === null && (sweeps.length > 0 || order.length > 0)) wake();
      else options.onChanged();
    });
  };

  const run = async (): Promise<void> => {
    // What is put in together is told together.
    await Promise.resolve();
    while (!closed && holdReason() === null) {
      const sweep = sweeps.shift();
      if (sweep !== undefined) {
        if ((await occupy(sweep, (open, stop) => sweepAll(open, stop))) === 'stopped') sweeps.unshift(sweep);
        continue;
      }
      const [recordingId] = order;
      if (recordingId === undefined) return;
      const isDone = await occupy(recordingId, (open, stop) => sendNext(recordingId, open, stop));
      const isAskedAgain = again.delete(recordingId);
      if (isDone === 'error' || (isDone === 'done' && !isAskedAgain)) drop(order, recordingId);
      options.onChanged();
    }
    for (const recordingId of order) announce(recordingId);
    options.onChanged();
  };

  /** Holds a recording open for some work, which the queue may stop. */
  async function occupy<T>(
    recordingId: RecordingId,
    work: (open: OpenRecording, signal: AbortSignal) => Promise<T>,
  ): Promise<T | 'stopped' | 'error'> {
    const stop = new AbortController();
    const done = Promise.withResolvers<void>();
    active = { recordingId, stop, done: done.promise, waiting: null, underWayBytes: 0, rate: null };
    options.onChanged();
    try {
      // Chapters that are being written now would be half in the bucket.
      await Promise.race([recordings.settled({ recordingId }), whenAborted(stop.signal)]);
      if (stop.signal.aborted) return 'stopped';
      return await recordings.withOpen(recordingId, (open) => work(open, stop.signal));
    } catch (error) {
      if (stop.signal.aborted) return 'stopped';
      ports.onFault(error, 'uploading a recording');
      return 'error';
    } finally {
      active = null;
      done.resolve();
    }
  }

  async function sendNext(
    recordingId: RecordingId,
    open: OpenRecording,
    signal: AbortSignal,
  ): Promise<'more' | 'done'> {
    const file = nextFile(open);
    if (file === null) return 'done';
    const destination = setup.destination();
    if (destination === null) return 'more';
    const refusal = sameDestination(destination, file.destination) ? refusalOf(open, file) : OTHER_BUCKET;
    if (refusal !== null) {
      await open.record(
        { kind: 'cloudFailed', uploadId: file.uploadId, error: toErrorShape(refusal) },
        { announce: true },
      );
      return nextFile(open) === null ? 'done' : 'more';
    }
    const now = open.recording().deliverables.find((each) => each.file === file.file);
    if (file.state === 'queued' && now !== undefined && now.sizeBytes !== file.sizeBytes) {
      // It was changed while it waited for its turn.
      const { sizeBytes } = now;
      const entry = { uploadId: ports.ids.next(), file: file.file, key: file.key, sizeBytes };
      await open.record({ kind: 'cloudQueued', destination: file.destination, files: [entry] }, { announce: true });
      return 'more';
    }
    try {
      await targets.use(destination, (target) => {
        const mine = active;
        if (mine !== null) mine.rate = createSendRate(clock.monotonicMs());
        return uploadFile(
          {
            target,
            secrets: ports.secrets,
            scheduler,
            random: ports.random,
            reachable: ports.reachable,
            throttle: options.throttle,
            preferredPartBytes: options.preferredPartBytes,
            onHanded: (bytes) => {
              mine?.rate?.add(bytes, clock.monotonicMs());
              tell();
            },
            onUnderWay: (bytes) => {
              if (mine !== null) mine.underWayBytes = bytes;
            },
            onWaiting: (wait) => {
              if (mine === null || mine.waiting === wait) return;
              mine.waiting = wait;
              tell();
              options.onChanged();
            },
          },
          open,
          file.uploadId,
          signal,
        );
      });
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof AppError && error.code === 'CLOUD_NOT_SET_UP') {
        // Nothing is wrong with the file: it waits until there is somewhere to send it with.
        lacksSetUp = true;
        return 'more';
      }
      await open.record(
        { kind: 'cloudFailed', uploadId: file.uploadId, error: toErrorShape(error) },
        { announce: true },
      );
    }
    if (open.recording().cloud.state === 'verified') recordings.announce({ type: 'recordingUploaded', recordingId });
    return nextFile(open) === null ? 'done' : 'more';
  }

  /** What cannot be reached now is left for the next start. */
  async function sweepAll(open: OpenRecording, signal: AbortSignal): Promise<void> {
    const { files, leftovers } = open.cloud();
    const unfinished = files.filter(({ state }) => state !== 'verified');
    for (const destination of distinctDestinations([...unfinished, ...leftovers])) {
      try {
        await targets.use(destination, (target) =>
          sweepRecording({ target, secrets: ports.secrets, signal }, open, destination),
        );
      } catch (error) {
        if (signal.aborted) throw error;
        ports.onFault(error, 'removing unfinished parts from the bucket');
      }
    }
  }

  const isHeld = (): boolean => holdReason() !== null;

  return {
    add: (recordingId) => {
      if (order.includes(recordingId)) again.add(recordingId);
      else order.push(recordingId);
      options.onChanged();
      wake();
    },
    addSweep: (recordingId) => {
      if (!sweeps.includes(recordingId)) sweeps.push(recordingId);
      wake();
    },
    remove: async (recordingId) => {
      drop(order, recordingId);
      drop(sweeps, recordingId);
      if (active?.recordingId === recordingId) {
        const { stop, done } = active;
        stop.abort();
        await done;
      }
      options.onChanged();
    },
    reconsider: () => {
      const hold = holdReason();
      if (hold !== null) active?.stop.abort();
      else wake();
      if (hold === lastHold) return;
      lastHold = hold;
      if (running === null) for (const recordingId of order) announce(recordingId);
      options.onChanged();
    },
    setUpChanged: () => {
      lacksSetUp = false;
      targets.forget();
      active?.stop.abort();
      wake();
      options.onChanged();
    },
    waiting: () => {
      if (order.length === 0) return null;
      return holdReason() ?? active?.waiting ?? null;
    },
    live: ({ id, cloud }) => {
      if (cloud.paused || (cloud.state !== 'queued' && cloud.state !== 'uploading')) return cloud;
      if (active?.recordingId !== id || active.rate === null) {
        const waiting = holdReason() ?? (order.includes(id) && active?.recordingId !== id ? 'turn' : null);
        return { ...cloud, waiting };
      }
      const sentBytes = Math.min(cloud.totalBytes, cloud.sentBytes + active.underWayBytes);
      const bytesPerSecond = active.waiting === null ? active.rate.bytesPerSecond(clock.monotonicMs()) : null;
      const leftBytes = cloud.totalBytes - sentBytes;
      return {
        ...cloud,
        waiting: isHeld() ? holdReason() : active.waiting,
        sentBytes,
        bytesPerSecond,
        secondsLeft: bytesPerSecond === null || bytesPerSecond === 0 ? null : leftBytes / bytesPerSecond,
      };
    },
    size: () => order.length,
    idle: async () => {
      while (running !== null) await running;
    },
    close: async () => {
      closed = true;
      undoTell?.();
      active?.stop.abort();
      await running;
      targets.forget();
    },
  };
}

const OTHER_BUCKET = new AppError(
  'CLOUD_NOT_SET_UP',
  'It was queued for another bucket than the one in the settings. Retry sends it to the one in the settings.',
  { retryable: true },
);

function nextFile(open: OpenRecording): CloudFileModel | null {
  const { paused, files } = open.cloud();
  if (paused) return null;
  return files.find(({ state }) => state === 'queued' || state === 'begun' || state === 'sent') ?? null;
}

/** Only what is finished and listed goes to a bucket. */
function refusalOf(open: OpenRecording, file: CloudFileModel): AppError | null {
  const { status, deliverables, mediaLeftAt } = open.recording();
  if (status === 'completed' && mediaLeftAt === null && deliverables.some((each) => each.file === file.file))
    return null;
  return new AppError('SOURCE_CHANGED', 'The file is no longer one of the finished files of this recording.', {
    retryable: true,
  });
}

function drop(list: RecordingId[], recordingId: RecordingId): void {
  const index = list.indexOf(recordingId);
  if (index !== -1) list.splice(index, 1);
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
