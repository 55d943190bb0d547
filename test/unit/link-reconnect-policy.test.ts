import { describe, expect, it } from 'vitest';
import { RECONNECT_BUDGET_MS, reconnectDelay } from '../../renderer/call/reconnect-policy.ts';

describe('the reconnect policy of a link', () => {
  it('tries at once when a connection broke, then ever more slowly', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6].map((attempt) => reconnectDelay(attempt, 1000, 'lost'));
    expect(delays).toEqual([0, 600, 1200, 2400, 4800, 8000, 8000]);
  });

  it('lets an interrupted path heal by itself first', () => {
    expect(reconnectDelay(0, 0, 'interrupted')).toBe(4000);
  });

  it('goes on for at least 120 seconds and then gives up', () => {
    expect(RECONNECT_BUDGET_MS).toBe(120_000);
    expect(reconnectDelay(30, RECONNECT_BUDGET_MS - 1, 'unanswered')).toBe(8000);
    expect(reconnectDelay(30, RECONNECT_BUDGET_MS, 'unanswered')).toBeNull();
  });
});
