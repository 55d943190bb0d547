import { describe, expect, it } from 'vitest';
import { controlStatsSchema } from '../../contract/control.ts';
import { AppError } from '../../contract/errors.ts';
import type { DiskSpace } from '../../contract/recording.ts';
import { createStats } from '../../main/control/stats.ts';
import type { RecordingsStats } from '../../main/recording/recordings.ts';
import { createVirtualTime } from '../support/virtual-time.ts';

const recordingsStats: RecordingsStats = {
  recordings: 3,
  sizeBytes: 1_234,
  byStatus: { recording: 1, paused: 0, stopping: 0, processing: 0, completed: 2, failed: 0, interrupted: 0 },
  byCloudState: { none: 1, queued: 1, uploading: 0, verified: 1, failed: 0 },
  running: 1,
  processing: 0,
  chunksAcknowledged: 10,
  chunksRefused: 2,
  bytesAcknowledged: 999,
  chunkLatencyMs: { count: 10, p50: 1, p95: 2, p99: 3, max: 4 },
};

function rig(space: () => Promise<DiskSpace>) {
  const time = createVirtualTime();
  const asked = { times: 0 };
  const stats = createStats({
    recordings: async () => ({
      stats: () => recordingsStats,
      space: () => {
        asked.times += 1;
        return space();
      },
    }),
    droppedFrames: () => 7,
    clock: time.clock,
    scheduler: time.scheduler,
  });
  return { time, asked, stats };
}

const room = (freeBytes: number): DiskSpace => ({ freeBytes, level: 'ok', secondsLeft: null });

describe('the figures of this run', () => {
  it('are what the contract says, and no more', async () => {
    const { time, stats } = rig(async () => room(5_000));
    time.advance(1_500);
    const told = await stats();
    expect(controlStatsSchema.strict().parse(told)).toEqual(told);
    expect(told).toEqual({
      recordings: recordingsStats.byStatus,
      bytes: 1_234,
      diskFreeBytes: 5_000,
      chunkLatencyMs: { count: 10, p50: 1, p95: 2, p99: 3, max: 4 },
      chunksAcknowledged: 10,
      chunksRefused: 2,
      uploads: { queued: 1, uploading: 0, verified: 1, failed: 0 },
      droppedFrames: 7,
      uptimeMs: 1_500,
    });
  });

  it('ask the disk once in two seconds, however often they are asked for', async () => {
    let freeBytes = 100;
    const { time, asked, stats } = rig(async () => room((freeBytes += 1)));
    await Promise.all(Array.from({ length: 50 }, stats));
    expect(asked.times).toBe(1);
    time.advance(1_999);
    expect((await stats()).diskFreeBytes).toBe(101);
    expect(asked.times).toBe(1);
    time.advance(1);
    await stats();
    expect(asked.times).toBe(2);
    expect((await stats()).diskFreeBytes).toBe(102);
  });

  it('are there without the disk when the system does not tell, and with it as soon as it does', async () => {
    let works = false;
    const { time, stats } = rig(async () => {
      if (!works) throw new AppError('DISK_FAILED', 'No.');
      return room(9);
    });
    expect((await stats()).diskFreeBytes).toBeNull();
    works = true;
    time.advance(2_000);
    await stats();
    expect((await stats()).diskFreeBytes).toBe(9);
  });

  it('do not wait for a disk that never answers', async () => {
    const { time, asked, stats } = rig(() => new Promise(() => undefined));
    const first = stats();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    time.advance(1_000);
    expect((await first).diskFreeBytes).toBeNull();
    time.advance(10_000);
    expect((await stats()).diskFreeBytes).toBeNull();
    expect(asked.times).toBe(1);
  });
});
