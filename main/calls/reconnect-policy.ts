/** Why another attempt is asked for: the connection broke, or the last attempt reached nobody. */
export type ReconnectReason = 'connectionLost' | 'unreachable';

/** How long to wait before attempt number `attempt` (from 0), or null to give up. */
export type ReconnectPolicy = (attempt: number, elapsedMs: number, reason: ReconnectReason) => number | null;

/** How long a broken connection is worth trying, in milliseconds. */
export const RECONNECT_BUDGET_MS = 120_000;

const FIRST_CEILING_MS = 500;
const UNREACHABLE_FLOOR_MS = 100;
const HIGHEST_CEILING_MS = 8000;

/**
 * Makes the policy: the ceiling doubles from 0.5 s to 8 s, and the delay lies anywhere below it ("full jitter", after
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), so that a room does not come back at once.
 */
export function createReconnectPolicy(random: () => number, budgetMs = RECONNECT_BUDGET_MS): ReconnectPolicy {
  return (attempt, elapsedMs, reason) => {
    const leftMs = budgetMs - elapsedMs;
    if (leftMs <= 0) return null;
    const ceilingMs = Math.min(HIGHEST_CEILING_MS, FIRST_CEILING_MS * 2 ** Math.min(attempt, 10));
    // A refused connection fails within a millisecond: without a floor an unlucky draw would spin.
    const floorMs = reason === 'unreachable' ? UNREACHABLE_FLOOR_MS : 0;
    return Math.min(leftMs, floorMs + random() * (ceilingMs - floorMs));
  };
}
