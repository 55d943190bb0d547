/** Why another attempt is asked for: the connection broke, the last attempt reached nobody, or the server wants to be left alone. */
export type ReconnectReason = 'connectionLost' | 'unreachable' | 'turnedAway';

/** How long to wait before attempt number `attempt` (from 0), or null to give up. */
export type ReconnectPolicy = (attempt: number, elapsedMs: number, reason: ReconnectReason) => number | null;

/** How long a broken connection is worth trying, in milliseconds. */
export const RECONNECT_BUDGET_MS = 120_000;

const FIRST_CEILING_MS = 500;
/**
 * A refused connection fails within a millisecond: without a floor an unlucky draw would spin. A server that counts what comes
 * from here gives one more after 3 s (signaling/limits.ts: 20 a minute).
 */
const FLOOR_MS: Readonly<Record<ReconnectReason, number>> = { connectionLost: 0, unreachable: 100, turnedAway: 3000 };
const HIGHEST_CEILING_MS = 8000;

/**
 * Makes the policy: the ceiling doubles from 0.5 s to 8 s, and the delay lies anywhere below it ("full jitter", after
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), so that a room does not come back at once.
 */
export function createReconnectPolicy(random: () => number, budgetMs = RECONNECT_BUDGET_MS): ReconnectPolicy {
  return (attempt, elapsedMs, reason) => {
    const leftMs = budgetMs - elapsedMs;
    if (leftMs <= 0) return null;
    const floorMs = FLOOR_MS[reason];
    const ceilingMs = Math.max(floorMs, Math.min(HIGHEST_CEILING_MS, FIRST_CEILING_MS * 2 ** Math.min(attempt, 10)));
    return Math.min(leftMs, floorMs + random() * (ceilingMs - floorMs));
  };
}
