/** When the newest wrong tokens came, oldest first, on a clock that never jumps. */
export type FailedTokens = readonly number[];

export const NO_FAILED_TOKENS: FailedTokens = [];

type Limits = { maxFailedTokens: number; failedTokensMs: number };

const recent = (failed: FailedTokens, nowMs: number, { failedTokensMs }: Limits): FailedTokens =>
  failed.filter((atMs) => nowMs - atMs < failedTokensMs);

/** Counts one more wrong token; the list stays bounded. */
export function withFailure(failed: FailedTokens, nowMs: number, limits: Limits): FailedTokens {
  return [...recent(failed, nowMs, limits), nowMs].slice(-limits.maxFailedTokens);
}

/** Seconds until a request without a good token is looked at again; null when it is now. */
export function lockedSeconds(failed: FailedTokens, nowMs: number, limits: Limits): number | null {
  const counted = recent(failed, nowMs, limits);
  const oldest = counted[0];
  if (oldest === undefined || counted.length < limits.maxFailedTokens) return null;
  return Math.max(1, Math.ceil((oldest + limits.failedTokensMs - nowMs) / 1000));
}
