import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchIdle } from '../../main/cloud/idle-limit.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const open = (): AbortController => new AbortController();

test('silence for the whole limit ends the request as unreachable, and not a moment before', () => {
  const idle = watchIdle(open().signal, 1000);
  vi.advanceTimersByTime(999);
  expect(idle.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(idle.signal.reason).toMatchObject({ code: 'CLOUD_UNREACHABLE', retryable: true });
});

test('each byte begins the limit anew, however long it takes in all', () => {
  const idle = watchIdle(open().signal, 1000);
  for (let round = 0; round < 50; round += 1) {
    vi.advanceTimersByTime(900);
    idle.moved();
  }
  expect(idle.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1000);
  expect(idle.signal.aborted).toBe(true);
});

test('a grace is granted once, behind the byte it was granted for', () => {
  const idle = watchIdle(open().signal, 1000);
  idle.moved(5000);
  vi.advanceTimersByTime(5999);
  expect(idle.signal.aborted).toBe(false);
  idle.moved();
  vi.advanceTimersByTime(1000);
  expect(idle.signal.aborted).toBe(true);
});

test('waiting of our own does not count as silence', async () => {
  const idle = watchIdle(open().signal, 1000);
  let go = (): void => undefined;
  const held = idle.hold(
    new Promise<void>((resolve) => {
      go = resolve;
    }),
  );
  vi.advanceTimersByTime(60_000);
  expect(idle.signal.aborted).toBe(false);
  go();
  await held;
  vi.advanceTimersByTime(1000);
  // One look may still lie ahead from the time of waiting.
  vi.advanceTimersByTime(1000);
  expect(idle.signal.aborted).toBe(true);
});

test("the caller's abort passes at once, as what it is", () => {
  const controller = open();
  const idle = watchIdle(controller.signal, 1000);
  controller.abort();
  expect(idle.signal.reason).toMatchObject({ code: 'ABORTED' });
  expect(watchIdle(controller.signal, 1000).signal.reason).toMatchObject({ code: 'ABORTED' });
  expect(vi.getTimerCount()).toBe(0);
});

test('a request that is over leaves no timer and is ended by nothing any more', () => {
  const controller = open();
  const idle = watchIdle(controller.signal, 1000);
  idle.end();
  expect(vi.getTimerCount()).toBe(0);
  controller.abort();
  expect(idle.signal.aborted).toBe(false);
});
