/** How many of the newest latencies are kept: at four chunks a second and lane, some minutes of a call. */
export const LATENCIES_KEPT = 4096;

/** Milliseconds; a percentile is a latency that was really measured (nearest rank). */
export type LatencyFigures = { count: number; p50: number; p95: number; p99: number; max: number };

/** The newest latencies of something that happens often: adding one is a store, and figures are made only when they are asked for. */
export type LatencyRing = {
  add: (elapsedMs: number) => void;
  /** Null before the first. */
  figures: () => LatencyFigures | null;
};

/** Makes an empty ring. */
export function createLatencyRing(kept = LATENCIES_KEPT): LatencyRing {
  const ring = new Float64Array(kept);
  let added = 0;
  let told: { added: number; figures: LatencyFigures } | null = null;

  return {
    add: (elapsedMs) => {
      ring[added % kept] = elapsedMs;
      added += 1;
    },
    figures: () => {
      if (added === 0) return null;
      if (told?.added !== added) told = { added, figures: figuresOf(ring.slice(0, Math.min(added, kept)).sort()) };
      return told.figures;
    },
  };
}

function figuresOf(sorted: Float64Array): LatencyFigures {
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
