import type { ControlStats } from '../../contract/control.ts';
import type { Clock, Scheduler } from '../recording/ports.ts';
import type { Recordings } from '../recording/recording-service.ts';

/** How old the room on the disk may be that is told. */
const DISK_FRESH_MS = 2_000;

/** So long a disk that was never asked before may take to answer: one on a network may never do. */
const DISK_ANSWER_LIMIT_MS = 1_000;

export type StatsPorts = {
  /** The recordings, once they were looked through. */
  recordings: () => Promise<Pick<Recordings, 'stats' | 'space'>>;
  droppedFrames: () => number;
  clock: Pick<Clock, 'monotonicMs'>;
  scheduler: Pick<Scheduler, 'after'>;
};

/** Makes what tells the figures of this run, which begins now; asking is cheap and touches the disk once in two seconds at most. */
export function createStats(ports: StatsPorts): () => Promise<ControlStats> {
  const { clock } = ports;
  const bornMs = clock.monotonicMs();
  const room = createRoom(ports);

  return async () => {
    const recordings = await ports.recordings();
    const diskFreeBytes = await room(recordings);
    const { byStatus, byCloudState, sizeBytes, ...stats } = recordings.stats();
    const { queued, uploading, verified, failed } = byCloudState;
    return {
      recordings: { ...byStatus },
      bytes: sizeBytes,
      diskFreeBytes,
      chunkLatencyMs: stats.chunkLatencyMs,
      chunksAcknowledged: stats.chunksAcknowledged,
      chunksRefused: stats.chunksRefused,
      uploads: { queued, uploading, verified, failed },
      droppedFrames: ports.droppedFrames(),
      uptimeMs: Math.round(clock.monotonicMs() - bornMs),
    };
  };
}

/** The room for new recordings, asked for by one at a time and kept for a moment; null while the system does not tell. */
function createRoom({
  clock,
  scheduler,
}: StatsPorts): (recordings: Pick<Recordings, 'space'>) => Promise<number | null> {
  let freeBytes: number | null = null;
  let askedMs: number | null = null;
  let asking: Promise<void> | null = null;

  const ask = async (recordings: Pick<Recordings, 'space'>): Promise<void> => {
    try {
      freeBytes = (await recordings.space({ people: 1 })).freeBytes;
    } catch {
      freeBytes = null;
    } finally {
      asking = null;
    }
  };

  const answerOrLimit = async (answer: Promise<void>): Promise<void> => {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const undo = scheduler.after(DISK_ANSWER_LIMIT_MS, resolve);
    await Promise.race([answer, late]);
    undo();
  };

  return async (recordings) => {
    const nowMs = clock.monotonicMs();
    const isFirst = askedMs === null;
    if (asking === null && (askedMs === null || nowMs - askedMs >= DISK_FRESH_MS)) {
      askedMs = nowMs;
      asking = ask(recordings);
    }
    // Nobody waits for the disk but whoever would hear nothing without it.
    if (isFirst && asking !== null) await answerOrLimit(asking);
    return freeBytes;
  };
}
