import { takeToken, type Bucket, type SignalingLimits } from './limits.ts';

/**
 * Counts wrong invites, tokens and secrets by address. Only the answer to a wrong one depends on the count: whoever shares an
 * address with somebody who guesses, and brings the right one, does not notice.
 */
export type FailedEntries = {
  /** Notes a wrong one; false when this address had too many within the minute. */
  allow(address: string): boolean;
  /** Forgets addresses that have been good for a minute. */
  sweep(): void;
};

/** Makes the count; an address gets its budget at once and then anew over a minute. */
export function createFailedEntries(
  limits: Pick<SignalingLimits, 'failedEntriesPerMinute' | 'rememberedAddresses'>,
  nowMs: () => number,
): FailedEntries {
  const { failedEntriesPerMinute: budget, rememberedAddresses } = limits;
  const buckets = new Map<string, Bucket>();
  return {
    allow: (address) => {
      const before = buckets.get(address) ?? { tokens: budget, atMs: nowMs() };
      const { bucket, allowed } = takeToken(before, nowMs(), budget / 60, budget);
      // Set anew at the end: the first of the map is the one that was quiet for longest.
      buckets.delete(address);
      buckets.set(address, bucket);
      for (const oldest of buckets.keys()) {
        if (buckets.size <= rememberedAddresses) break;
        buckets.delete(oldest);
      }
      return allowed;
    },
    sweep: () => {
      const goodSinceMs = nowMs() - 60_000;
      for (const [address, bucket] of buckets) if (bucket.atMs <= goodSinceMs) buckets.delete(address);
    },
  };
}
