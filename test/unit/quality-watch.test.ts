import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { participantIdSchema } from '../../contract/ids.ts';
import type { LinkQuality } from '../../contract/quality.ts';
import { compareLooks } from '../../renderer/call/link-stats.ts';
import { watchQuality } from '../../renderer/call/quality-watch.ts';

const link: LinkQuality = {
  participantId: participantIdSchema.parse('00000000-0000-4000-8000-000000000be4'),
  ...compareLooks(null, null),
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('measures and reports every five seconds, and not after its end', async () => {
  const reports: LinkQuality[][] = [];
  const end = watchQuality({ measure: async () => [link], report: async (links) => reports.push(links) });
  await vi.advanceTimersByTimeAsync(4_999);
  expect(reports).toEqual([]);
  await vi.advanceTimersByTimeAsync(10_001);
  expect(reports).toEqual([[link], [link], [link]]);
  end();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(reports).toHaveLength(3);
});

it('does not report a look that was under way at its end', async () => {
  const { promise, resolve } = Promise.withResolvers<LinkQuality[]>();
  const reports: unknown[] = [];
  const end = watchQuality({ measure: () => promise, report: async (links) => reports.push(links) });
  await vi.advanceTimersByTimeAsync(5_000);
  end();
  resolve([link]);
  await vi.advanceTimersByTimeAsync(0);
  expect(reports).toEqual([]);
});

it('says nothing while nobody else is there', async () => {
  const reports: unknown[] = [];
  const end = watchQuality({ measure: async () => [], report: async (links) => reports.push(links) });
  await vi.advanceTimersByTimeAsync(5_000);
  end();
  expect(reports).toEqual([]);
});

it('goes on after a look or a report that failed', async () => {
  let looks = 0;
  const reports: unknown[] = [];
  const end = watchQuality({
    measure: async () => {
      looks += 1;
      if (looks === 1) throw new Error('gone');
      return [link];
    },
    report: async (links) => {
      reports.push(links);
      throw new Error('refused');
    },
  });
  await vi.advanceTimersByTimeAsync(15_000);
  end();
  expect(reports).toHaveLength(2);
});
