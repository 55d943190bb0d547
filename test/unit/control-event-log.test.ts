import { describe, expect, it } from 'vitest';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { RecordingEvent } from '../../contract/recording.ts';
import { createEventLog, type EventLog } from '../../main/control/event-log.ts';

const event: RecordingEvent = {
  type: 'recordingDeleted',
  recordingId: recordingIdSchema.parse('00000000-0000-4000-8000-000000000001'),
};
const filled = (count: number, limits = { maxEvents: 10, maxEventBytes: 1e9 }): EventLog => {
  const log = createEventLog('run', limits);
  for (let n = 0; n < count; n += 1) log.append(event);
  return log;
};

describe('the log of events', () => {
  it('numbers events from one and writes them as the stream has them', () => {
    expect(filled(1).at(1)?.text).toBe(`id: run-1\nevent: recordingDeleted\ndata: ${JSON.stringify(event)}\n\n`);
  });

  it('keeps the newest ones, each under its number', () => {
    for (const count of [10, 11, 25, 1_000]) {
      const log = filled(count);
      expect([log.first(), log.last()]).toEqual([count - 9, count]);
      expect(log.at(count - 10)).toBeNull();
      for (let n = count - 9; n <= count; n += 1) expect(log.at(n)?.number).toBe(n);
      expect(log.at(count + 1)).toBeNull();
    }
  });

  it('keeps no more bytes than it may', () => {
    const sizeBytes = filled(1).at(1)?.sizeBytes ?? 0;
    const log = filled(9, { maxEvents: 100, maxEventBytes: sizeBytes * 4 });
    expect(log.last() - log.first() + 1).toBe(4);
    const none = filled(3, { maxEvents: 100, maxEventBytes: 10 });
    expect([none.first(), none.last(), none.at(3)]).toEqual([4, 3, null]);
  });

  it('lets a new reader hear what happens from now on', () => {
    expect(filled(5).resume(null)).toEqual({ next: 6, gap: false });
    expect(filled(0).resume(null)).toEqual({ next: 1, gap: false });
  });

  it('lets a reader go on after what it has', () => {
    const log = filled(25);
    expect(log.resume('run-25')).toEqual({ next: 26, gap: false });
    expect(log.resume('run-20')).toEqual({ next: 21, gap: false });
    expect(log.resume('run-15')).toEqual({ next: 16, gap: false });
  });

  it.each([
    'run-14',
    'run-0',
    'run-26',
    'other-20',
    'run-',
    'run-2e1',
    'run-020',
    'run--1',
    '20',
    '',
    `run-${'9'.repeat(30)}`,
  ])('finds a gap behind the id "%s"', (id) => {
    expect(filled(25).resume(id)).toEqual({ next: 16, gap: true });
  });

  it('has no gap for a reader from before the first event', () => {
    expect(filled(0).resume('run-0')).toEqual({ next: 1, gap: false });
    expect(filled(3).resume('run-0')).toEqual({ next: 1, gap: false });
  });
});
