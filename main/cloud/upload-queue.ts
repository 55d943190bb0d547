import type { CloudWait, RecordingCloud } from '../../contract/cloud.ts';
import { AppError } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { OpenRecording } from '../recording/recordings.ts';
import type { CloudPorts } from './cloud-ports.ts';
import type { Throttle } from './cloud-target.ts';
import { sendNext, sweepAll } from './send-next.ts';
import type { SendContext } from './send-next.ts';
import { createSendRate } from './send-rate.ts';
import type { SendRate } from './send-rate.ts';
import type { TargetCache } from './target-cache.ts';

/** When what failed for a reason of this computer (a full disk, a folder of another app) is tried again. */
const AGAIN_AFTER_MS = 60_000;

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
  const postponed = new Map<RecordingId, () => void>();
  const buffers: Uint8Array[] = [];
  let active: Active | null = null;
  let running: Promise<void> | null = null;
  const life = new AbortController();
  const isClosed = (): boolean => life.signal.aborted;
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

  const add = (recordingId: RecordingId): void => {
    if (order.includes(recordingId)) again.add(recordingId);
    else order.push(recordingId);
    options.onChanged();
    wake();
  };

  const later = (recordingId: RecordingId): void => {
    postponed.get(recordingId)?.();
    const undo = scheduler.after(AGAIN_AFTER_MS, () => {
      postponed.delete(recordingId);
      add(recordingId);
    });
    postponed.set(recordingId, undo);
  };

  const wake = (): void => {
    if (running !== null || isClosed()) return;
    running = run().finally(() => {
      running = null;
      // Something may have come in while the last look was over.
      if (!isClosed() && holdReason() === null && (sweeps.length > 0 || order.length > 0)) wake();
      else options.onChanged();
    });
  };

  const run = async (): Promise<void> => {
    // What is put in together is told together.
    await Promise.resolve();
    while (!isClosed() && holdReason() === null) {
      const sweep = sweeps.shift();
      if (sweep !== undefined) {
        const isDone = await occupy(sweep, (open, mine) =>
          sweepAll({ ports, targets, signal: mine.stop.signal }, open),
        );
        if (isDone === 'stopped') sweeps.unshift(sweep);
        continue;
      }
      const [recordingId] = order;
      if (recordingId === undefined) break;
      const sent = await occupy(recordingId, async (open, mine) => {
        // Chapters that are being written now would be half in the bucket.
        await Promise.race([recordings.settled({ recordingId }), whenAborted(mine.stop.signal)]);
        if (mine.stop.signal.aborted) return 'stopped';
        return sendNext(contextOf(mine), open);
      });
      const isAskedAgain = again.delete(recordingId);
      if (sent === 'noSetUp') lacksSetUp = true;
      if (sent === 'error') later(recordingId);
      if (sent === 'error' || sent === 'gone' || (sent === 'done' && !isAskedAgain)) drop(order, recordingId);
      options.onChanged();
    }
    buffers.length = 0;
    for (const recordingId of order) announce(recordingId);
    options.onChanged();
  };

  /** Holds a recording open for some work, which the queue may stop. */
  async function occupy<T>(
    recordingId: RecordingId,
    work: (open: OpenRecording, mine: Active) => Promise<T>,
  ): Promise<T | 'stopped' | 'error' | 'gone'> {
    const stop = new AbortController();
    const done = Promise.withResolvers<void>();
    const mine: Active = { recordingId, stop, done: done.promise, waiting: null, underWayBytes: 0, rate: null };
    active = mine;
    options.onChanged();
    try {
      return await recordings.withOpen(recordingId, (open) => work(open, mine));
    } catch (error) {
      if (stop.signal.aborted) return 'stopped';
      if (error instanceof AppError && error.code === 'RECORDING_NOT_FOUND') return 'gone';
      ports.onFault(error, 'uploading a recording');
      return 'error';
    } finally {
      active = null;
      done.resolve();
    }
  }

  function contextOf(mine: Active): SendContext {
    return {
      ports,
      targets,
      signal: mine.stop.signal,
      onBegin: () => {
        mine.rate = createSendRate(clock.monotonicMs());
      },
      upload: {
        throttle: options.throttle,
        preferredPartBytes: options.preferredPartBytes,
        buffers,
        onHanded: (bytes) => {
          mine.rate?.add(bytes, clock.monotonicMs());
          tell();
        },
        onUnderWay: (bytes) => {
          mine.underWayBytes = bytes;
        },
        onWaiting: (wait) => {
          if (mine.waiting === wait) return;
          mine.waiting = wait;
          tell();
          options.onChanged();
        },
      },
    };
  }

  return {
    add,
    addSweep: (recordingId) => {
      if (!sweeps.includes(recordingId)) sweeps.push(recordingId);
      wake();
    },
    remove: async (recordingId) => {
      postponed.get(recordingId)?.();
      postponed.delete(recordingId);
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
        waiting: holdReason() ?? active.waiting,
        sentBytes,
        bytesPerSecond,
        secondsLeft: bytesPerSecond === null || bytesPerSecond === 0 ? null : leftBytes / bytesPerSecond,
      };
    },
    size: () => order.length,
    close: async () => {
      life.abort();
      for (const undo of postponed.values()) undo();
      undoTell?.();
      active?.stop.abort();
      await running;
      targets.forget();
    },
  };
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
