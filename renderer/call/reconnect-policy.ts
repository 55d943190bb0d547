/** Why a link needs another attempt. */
export type LostReason =
  /** ICE lost its path; it often comes back by itself. */
  | 'interrupted'
  /** ICE gave up, or the connection was closed. */
  | 'lost'
  /** Nobody answered the offer. */
  | 'unanswered';

/** How long a link is tried again before it counts as failed, milliseconds. */
export const RECONNECT_BUDGET_MS = 120_000;

const HEAL_MS = 4_000;
const FIRST_MS = 300;
const LARGEST_MS = 8_000;

/**
 * When to try again: a delay in milliseconds, or null when the budget is spent. `attempt` counts the tries since the
 * link last worked, `elapsedMs` the time since then.
 */
export function reconnectDelay(attempt: number, elapsedMs: number, reason: LostReason): number | null {
  if (elapsedMs >= RECONNECT_BUDGET_MS) return null;
  if (reason === 'interrupted') return HEAL_MS;
  // At once the first time: what broke is usually over when it is noticed.
  if (attempt === 0 && reason === 'lost') return 0;
  return Math.min(LARGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
}
