import { expect, test } from 'vitest';
import { createReconnectPolicy, RECONNECT_BUDGET_MS } from '../../main/calls/reconnect-policy.ts';

const unlucky = createReconnectPolicy(() => 0.999999);
const lucky = createReconnectPolicy(() => 0);

test('the ceiling of the delay doubles from half a second to eight seconds', () => {
  const delays = [0, 1, 2, 3, 4, 5, 50].map((attempt) => Math.round(unlucky(attempt, 0, 'connectionLost') ?? -1));
  expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
});

test('a first attempt after a break may come at once, one after a refusal never does', () => {
  expect(lucky(0, 0, 'connectionLost')).toBe(0);
  expect(lucky(3, 0, 'unreachable')).toBe(100);
  // As long as a server takes to give an address one more of its 20 a minute.
  expect([lucky(0, 0, 'turnedAway'), unlucky(0, 0, 'turnedAway')]).toEqual([3000, 3000]);
  expect(Math.round(unlucky(9, 0, 'turnedAway') ?? 0)).toBe(8000);
});

test('the budget is at least two minutes; the last delay ends with it, then the policy gives up', () => {
  expect(RECONNECT_BUDGET_MS).toBeGreaterThanOrEqual(120_000);
  expect(unlucky(20, RECONNECT_BUDGET_MS - 1, 'unreachable')).toBe(1);
  expect(unlucky(20, RECONNECT_BUDGET_MS, 'unreachable')).toBeNull();
  expect(unlucky(0, RECONNECT_BUDGET_MS + 1, 'connectionLost')).toBeNull();
});
