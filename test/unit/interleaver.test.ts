import { describe, expect, test } from 'vitest';
import { createInterleaver, HOLD_MS, type Interleaver } from '../../main/media/matroska/interleaver.ts';
import type { LaneBlock } from '../../main/media/matroska/lane-parser.ts';
import { seededRandom } from '../support/lanes.ts';

function frames(...timesMs: number[]): LaneBlock[] {
  return timesMs.map((timeMs) => ({ trackNumber: 1, timeMs, isKeyFrame: true, payload: Uint8Array.of(1) }));
}

function push(
  interleaver: Interleaver<string>,
  lane: string,
  token: string,
  timesMs: number[],
  nowMs: number,
  openFrames = 0,
): void {
  interleaver.push(lane, { token, blocks: frames(...timesMs), openFrames }, nowMs);
}

function told(drained: {
  blocks: readonly { lane: string; timeMs: number }[];
  completeTokens: readonly string[];
}): [string, string] {
  return [
    drained.blocks.map((block) => `${block.lane}${block.timeMs}`).join(' '),
    [...drained.completeTokens].sort().join(' '),
  ];
}

function twoLanes(): Interleaver<string> {
  const interleaver = createInterleaver<string>();
  interleaver.setLane('a', 0, 0);
  interleaver.setLane('v', 10, 0);
  return interleaver;
}

describe('interleaver', () => {
  test('gives out in time order what no running lane can precede any more, offsets added', () => {
    const interleaver = twoLanes();
    push(interleaver, 'a', 'a1', [0, 60, 120, 180], 250);
    expect(told(interleaver.drain(250))).toEqual(['', '']);
    push(interleaver, 'v', 'v1', [0, 66, 133], 260);
    expect(told(interleaver.drain(260))).toEqual(['a0 v10 a60 v76 a120 v143', 'v1']);
    push(interleaver, 'v', 'v2', [200], 500);
    expect(told(interleaver.drain(500))).toEqual(['a180', 'a1']);
  });

  test('waits for no lane of which nothing is expected, and takes what comes of it all the same', () => {
    const interleaver = twoLanes();
    push(interleaver, 'a', 'a1', [0, 60], 250);
    push(interleaver, 'v', 'v1', [0, 33], 250);
    expect(told(interleaver.drain(250))).toEqual(['a0 v10 v43', 'v1']);
    interleaver.setQuiet('v', true);
    expect(told(interleaver.drain(251))).toEqual(['a60', 'a1']);
    interleaver.setQuiet('a', true);
    push(interleaver, 'v', 'v2', [66], 260);
    expect(told(interleaver.drain(260))).toEqual(['v76', 'v2']);
    interleaver.setQuiet('a', false);
    interleaver.setQuiet('v', false);
    push(interleaver, 'a', 'a2', [120], 500);
    expect(told(interleaver.drain(500))).toEqual(['', '']);
  });

  test('does not let sound wait for a picture that has stopped', () => {
    const interleaver = twoLanes();
    push(interleaver, 'v', 'v1', [0, 66], 250);
    push(interleaver, 'a', 'a1', [0, 60, 120], 250);
    interleaver.drain(250);
    push(interleaver, 'a', 'a2', [180, 240], 500);
    expect(told(interleaver.drain(500))).toEqual(['', '']);
    expect(told(interleaver.drain(250 + HOLD_MS))).toEqual(['a120 a180 a240', 'a1 a2']);
    push(interleaver, 'a', 'a3', [300], 750);
    expect(told(interleaver.drain(750))).toEqual(['a300', 'a3']);
  });

  test('holds no frame longer than the hold time, even when a running lane lags far behind', () => {
    const interleaver = twoLanes();
    push(interleaver, 'a', 'a1', [10_000], 1000);
    for (let nowMs = 1050; nowMs < 1000 + HOLD_MS; nowMs += 50) {
      push(interleaver, 'v', `v${nowMs}`, [nowMs - 1000], nowMs);
      expect(told(interleaver.drain(nowMs))[0]).not.toContain('a');
    }
    expect(interleaver.nextDrainAtMs()).toBe(1000 + HOLD_MS);
    expect(told(interleaver.drain(1000 + HOLD_MS))).toEqual(['a10000', 'a1']);
    expect(interleaver.nextDrainAtMs()).toBeNull();
  });

  test('gives out late frames at once instead of dropping them', () => {
    const interleaver = twoLanes();
    push(interleaver, 'a', 'a1', [0, 1000], 0);
    interleaver.drain(HOLD_MS);
    push(interleaver, 'v', 'v1', [20], 400);
    expect(told(interleaver.drain(400))).toEqual(['v30', 'v1']);
  });

  test('completes a chunk that ends inside a frame only with that frame', () => {
    const interleaver = createInterleaver<string>();
    push(interleaver, 'a', 'a1', [0, 60], 0, 1);
    expect(told(interleaver.drain(0))).toEqual(['a0 a60', '']);
    push(interleaver, 'a', 'a2', [], 10, 1);
    expect(told(interleaver.drain(10))).toEqual(['', '']);
    push(interleaver, 'a', 'a3', [120], 20);
    expect(told(interleaver.drain(20))).toEqual(['a120', 'a1 a2 a3']);
  });

  test('completes a chunk whose frames come later only when all of them were drained', () => {
    const interleaver = twoLanes();
    push(interleaver, 'a', 'a1', [], 0, 3);
    push(interleaver, 'a', 'a2', [0, 60, 120], 10);
    push(interleaver, 'v', 'v1', [60], 10);
    expect(told(interleaver.drain(10))).toEqual(['a0 a60 v70', 'v1']);
    expect(told(interleaver.flush())).toEqual(['a120', 'a1 a2']);
  });

  test('completes a chunk without a frame, such as a header, with the next drain and after all earlier ones', () => {
    const interleaver = twoLanes();
    push(interleaver, 'a', 'a1', [], 0);
    expect(told(interleaver.drain(0))).toEqual(['', 'a1']);
    push(interleaver, 'a', 'a2', [0], 10);
    push(interleaver, 'a', 'a3', [], 11);
    expect(told(interleaver.drain(11))).toEqual(['', '']);
    expect(told(interleaver.drain(10 + HOLD_MS))).toEqual(['a0', 'a2 a3']);
  });

  test('flush gives out everything and names the chunks whose last frame never came whole', () => {
    const interleaver = twoLanes();
    push(interleaver, 'a', 'a1', [0], 0);
    push(interleaver, 'v', 'v1', [500], 0, 1);
    const flushed = interleaver.flush();
    expect(told(flushed)).toEqual(['a0 v510', 'a1']);
    expect(flushed.cutOffTokens).toEqual(['v1']);
    expect(interleaver.flush()).toEqual({ blocks: [], completeTokens: [], cutOffTokens: [] });
  });

  test('gives every frame of a track a later time than the one before, never before the start, and drops none for it', () => {
    const interleaver = createInterleaver<string>();
    interleaver.setLane('a', -100, 0);
    push(interleaver, 'a', 'a1', [0, 160, 130, 200.4], 0);
    expect(told(interleaver.drain(0))[0]).toBe('a0 a60 a61 a100');
  });

  test('whatever the order of arrival, gives each frame once, each lane in its order, and each token once and late enough', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = seededRandom(seed);
      const interleaver = createInterleaver<string>();
      const lanes = ['a', 'b', 'c'].slice(0, 1 + Math.floor(random() * 3));
      const tokenFrames = new Map<string, string[]>();
      const nextMs = new Map(lanes.map((lane) => [lane, 0]));
      const written = new Set<string>();
      const acked: string[] = [];
      let openToken = new Map<string, string[]>();
      const settle = (drained: ReturnType<typeof interleaver.drain>): void => {
        for (const block of drained.blocks) written.add(`${block.lane}${block.timeMs}`);
        for (const token of drained.completeTokens) {
          for (const frame of tokenFrames.get(token) ?? ['?']) expect(written.has(frame)).toBe(true);
          acked.push(token);
        }
      };
      let pushed = 0;
      for (let nowMs = 0; nowMs < 4000; nowMs += Math.floor(random() * 100)) {
        const lane = lanes[Math.floor(random() * lanes.length)] ?? 'a';
        const count = Math.floor(random() * 5);
        const times = Array.from({ length: count }, (_unused, i) => (nextMs.get(lane) ?? 0) + i * 20);
        nextMs.set(lane, (nextMs.get(lane) ?? 0) + count * 20);
        const token = `${lane}-${nowMs}-${pushed}`;
        pushed += 1;
        tokenFrames.set(
          token,
          times.map((time) => `${lane}${time}`),
        );
        const endsInside = random() < 0.3;
        // The frame that the chunk before was cut in belongs to that chunk as well.
        const [first] = times;
        if (first !== undefined) {
          for (const before of openToken.get(lane) ?? []) tokenFrames.get(before)?.push(`${lane}${first}`);
          openToken.set(lane, []);
        }
        if (endsInside) openToken.set(lane, [...(openToken.get(lane) ?? []), token]);
        push(interleaver, lane, token, times, nowMs, endsInside ? 1 : 0);
        if (random() < 0.7) settle(interleaver.drain(nowMs));
      }
      openToken = new Map();
      const flushed = interleaver.flush();
      settle(flushed);
      let total = 0;
      for (const each of nextMs.values()) total += each / 20;
      expect(written.size).toBe(total);
      expect([...acked, ...flushed.cutOffTokens].sort()).toEqual([...tokenFrames.keys()].sort());
    }
  });
});
