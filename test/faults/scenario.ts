/** How a scenario is asked to run. */
export type FaultOptions = {
  seed: number;
  /** How many cuts, points, sequences, ... it is to try. */
  count: number;
  /** How long a network stays away. */
  cutSeconds: number;
  /** Tells a person what is going on, one line at a time. */
  say: (line: string) => void;
};

/** What came of it. A failure is one sentence that says how to get there again. */
export type ScenarioReport = {
  name: string;
  ok: boolean;
  count: number;
  failures: string[];
  figures: Record<string, number | string>;
};

/** One kind of fault, tried many times. */
export type Scenario = (options: FaultOptions) => Promise<ScenarioReport>;

/** Gathers failures without letting them fill a screen. */
export function createFailures(): { add: (failure: string) => void; list: () => string[]; count: () => number } {
  const kept: string[] = [];
  let count = 0;
  return {
    add: (failure) => {
      count += 1;
      if (kept.length < MAX_FAILURES_KEPT) kept.push(failure);
    },
    list: () => (count > kept.length ? [...kept, `and ${count - kept.length} more`] : kept),
    count: () => count,
  };
}

const MAX_FAILURES_KEPT = 40;

/** The value below which the given part (0..1) of the values lies; 0 of none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** The work's own outcome, or a failure when it takes longer: what hangs must not hang the whole suite. */
export async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} did not come to an end within ${limitMs} ms.`)), limitMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** One failure sentence of whatever was thrown. */
export function failureOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
