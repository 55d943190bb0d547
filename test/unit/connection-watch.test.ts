import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { watchConnection } from '../../main/cloud/connection-watch.ts';
import { createVirtualTime } from '../support/virtual-time.ts';

function watch() {
  const time = createVirtualTime();
  const told: boolean[] = [];
  const way = { isThere: true, looks: 0 };
  const watching = watchConnection({
    scheduler: time.scheduler,
    reachable: async () => {
      way.looks += 1;
      return way.isThere;
    },
    onAway: (isAway) => told.push(isAway),
  });
  const pass = async (seconds: number, each: () => void = () => undefined): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      each();
      time.advance(1_000);
      await nextTurn();
    }
  };
  return { watching, way, told, pass };
}

test('as long as something moves nobody looks, and a server that is only slow is left alone', async () => {
  const { watching, way, told, pass } = watch();
  await pass(60, watching.moved);
  expect(way.looks).toBe(0);
  await pass(60);
  expect(way.looks).toBeGreaterThan(5);
  expect(watching.signal.aborted).toBe(false);
  expect(told).toEqual([]);
});

test('a way that was away and is back ends what hangs on it', async () => {
  const { watching, way, told, pass } = watch();
  way.isThere = false;
  await pass(20);
  expect(told).toEqual([true]);
  expect(watching.signal.aborted).toBe(false);
  way.isThere = true;
  await pass(6);
  expect(watching.signal.aborted).toBe(true);
});

test('what moves again by itself is not ended, and the end of the watch takes back what it told', async () => {
  const { watching, way, told, pass } = watch();
  way.isThere = false;
  await pass(20);
  way.isThere = true;
  await pass(20, watching.moved);
  expect(watching.signal.aborted).toBe(false);
  expect(told).toEqual([true, false]);
  way.isThere = false;
  await pass(20);
  watching.end();
  expect(told).toEqual([true, false, true, false]);
});
