import { describe, expect, it } from 'vitest';
import { createLatencyRing, LATENCIES_KEPT } from '../../main/recording/latency-ring.ts';

describe('the newest latencies', () => {
  it('have no figures before the first', () => {
    expect(createLatencyRing().figures()).toBeNull();
  });

  it('of one are that one', () => {
    const ring = createLatencyRing();
    ring.add(7.5);
    expect(ring.figures()).toEqual({ count: 1, p50: 7.5, p95: 7.5, p99: 7.5, max: 7.5 });
  });

  it('give percentiles by nearest rank, whatever order they came in', () => {
    const ring = createLatencyRing();
    // 37 and 100 have no common divisor, so every value from 1 to 100 comes once.
    for (let n = 0; n < 100; n += 1) ring.add(((n * 37) % 100) + 1);
    expect(ring.figures()).toEqual({ count: 100, p50: 50, p95: 95, p99: 99, max: 100 });
  });

  it('forget the oldest first, and only when there is no room left', () => {
    const ring = createLatencyRing(4);
    for (const elapsedMs of [100, 1, 2, 3]) ring.add(elapsedMs);
    expect(ring.figures()).toMatchObject({ count: 4, max: 100 });
    ring.add(4);
    expect(ring.figures()).toEqual({ count: 4, p50: 2, p95: 4, p99: 4, max: 4 });
  });

  it('tell new figures after every one that comes', () => {
    const ring = createLatencyRing();
    ring.add(1);
    expect(ring.figures()?.max).toBe(1);
    ring.add(9);
    expect(ring.figures()).toMatchObject({ count: 2, max: 9 });
    ring.add(3);
    expect(ring.figures()).toMatchObject({ count: 3, p50: 3 });
  });

  it('never are more than are kept', () => {
    const ring = createLatencyRing();
    for (let n = 0; n < LATENCIES_KEPT * 3 + 5; n += 1) ring.add(n);
    expect(ring.figures()).toMatchObject({ count: LATENCIES_KEPT, max: LATENCIES_KEPT * 3 + 4 });
    expect(ring.figures()?.p50).toBe(LATENCIES_KEPT * 2 + 4 + LATENCIES_KEPT / 2);
  });
});
