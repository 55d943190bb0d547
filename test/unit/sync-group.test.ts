import { expect, test } from 'vitest';
import { createSyncGroup } from '../../main/recording/sync-group.ts';
import { createVirtualTime } from '../support/virtual-time.ts';

/** A group whose data syncs end only when told. */
function makeGroup() {
  const time = createVirtualTime();
  const log: string[] = [];
  const errors: unknown[] = [];
  let release: () => void = () => undefined;
  const group = createSyncGroup({
    scheduler: time.scheduler,
    afterData: async () => {
      log.push('journal');
    },
    onError: (error) => errors.push(error),
  });
  const add = (name: string) =>
    group.add({
      sync: () => {
        log.push(name);
        const { promise, resolve } = Promise.withResolvers<void>();
        release = resolve;
        return promise;
      },
    });
  return { time, log, errors, group, add, release: () => release() };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('once a second, data first and then the journal that speaks of it', async () => {
  const { time, log, add, release } = makeGroup();
  add('data');
  time.advance(999);
  expect(log).toEqual([]);
  time.advance(1);
  expect(log).toEqual(['data']);
  release();
  await turn();
  expect(log).toEqual(['data', 'journal']);
});

test('a disk that hangs gathers no queue of runs, and the next tick after it goes on', async () => {
  const { time, log, add, release } = makeGroup();
  add('data');
  time.advance(10_000);
  expect(log).toEqual(['data']);
  release();
  await turn();
  time.advance(1_000);
  expect(log).toEqual(['data', 'journal', 'data']);
});

test('whoever asks during a run waits for one more, and all who ask share it', async () => {
  const { log, add, group, release } = makeGroup();
  add('data');
  const first = group.syncNow();
  const second = group.syncNow();
  const third = group.syncNow();
  expect(third).toBe(second);
  release();
  await first;
  await turn();
  expect(log).toEqual(['data', 'journal', 'data']);
  release();
  await second;
  expect(log).toEqual(['data', 'journal', 'data', 'journal']);
});

test('one file that fails does not keep the others or the journal from the disk', async () => {
  const { log, errors, group } = makeGroup();
  group.add({ sync: () => Promise.reject(new Error('EIO')) });
  group.add({
    sync: async () => {
      log.push('other');
    },
  });
  await group.syncNow();
  expect(log).toEqual(['other', 'journal']);
  expect(errors).toHaveLength(1);
});

test('who has left is not synced, and a stopped group rests', async () => {
  const { time, log, add, group } = makeGroup();
  const leave = add('data');
  leave();
  await group.syncNow();
  group.stop();
  time.advance(5_000);
  expect(log).toEqual(['journal']);
});
