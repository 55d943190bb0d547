import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createBandwidth } from '../../main/cloud/bandwidth.ts';
import { createSendRate } from '../../main/cloud/send-rate.ts';
import { createVirtualTime } from '../support/virtual-time.ts';

const signal = new AbortController().signal;

/** Sends pieces through a limit for some time; returns how many bytes went. */
async function sendFor(seconds: number, pieceBytes: number, rate: () => number, senders = 1): Promise<number> {
  const time = createVirtualTime();
  const { throttle } = createBandwidth({ ...time, bytesPerSecond: rate });
  let sentBytes = 0;
  const stop = new AbortController();
  const send = async (): Promise<void> => {
    for (;;) {
      await throttle(pieceBytes, stop.signal);
      sentBytes += pieceBytes;
    }
  };
  for (let each = 0; each < senders; each += 1) void send().catch(() => undefined);
  for (let step = 0; step < seconds * 100; step += 1) {
    time.advance(10);
    await nextTurn();
    await nextTurn();
  }
  stop.abort();
  return sentBytes;
}

test.each([
  [100_000, 1_000, 1],
  [100_000, 65_536, 1],
  [1_000_000, 65_536, 2],
])('%i bytes a second in pieces of %i from %i senders are kept within a tenth', async (rate, piece, senders) => {
  const sent = await sendFor(20, piece, () => rate, senders);
  expect(sent).toBeGreaterThan(0.9 * 20 * rate - piece);
  expect(sent).toBeLessThan(1.1 * 20 * rate + piece);
});

test('who waits at a slow rate goes on at once when the limit is taken away, or at the new one', async () => {
  const time = createVirtualTime();
  let rate = 1;
  const bandwidth = createBandwidth({ ...time, bytesPerSecond: () => rate });
  time.advance(1_000);
  await bandwidth.throttle(1_000_000, signal);
  let went = 0;
  const wait = async (): Promise<void> => {
    await bandwidth.throttle(10, signal);
    went += 1;
  };
  const all = [wait(), wait()];
  time.advance(60_000);
  await nextTurn();
  expect(went).toBe(0);
  rate = 0;
  bandwidth.changed();
  await Promise.all(all);
  expect(went).toBe(2);
});

test('no limit costs no waiting, and an abort lets go of who waits', async () => {
  const time = createVirtualTime();
  let rate = 0;
  const bandwidth = createBandwidth({ ...time, bytesPerSecond: () => rate });
  await bandwidth.throttle(10 ** 9, signal);
  rate = 1;
  const stop = new AbortController();
  const first = bandwidth.throttle(10, stop.signal);
  stop.abort();
  await expect(first).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(bandwidth.throttle(10, stop.signal)).rejects.toMatchObject({ code: 'ABORTED' });
});

test('the speed is that of the last ten seconds, and unknown at first', () => {
  const rate = createSendRate(0);
  rate.add(500, 100);
  expect(rate.bytesPerSecond(900)).toBeNull();
  for (let atMs = 0; atMs < 20_000; atMs += 100) rate.add(100, atMs);
  expect(rate.bytesPerSecond(20_000)).toBeGreaterThan(950);
  expect(rate.bytesPerSecond(20_000)).toBeLessThan(1_050);
  expect(rate.bytesPerSecond(31_000)).toBe(0);
});
