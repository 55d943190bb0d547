import { describe, expect, it } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import type { CloudTarget } from '../../main/cloud/cloud-target.ts';
import { TEST_LIMIT_MS, testConnection } from '../../main/cloud/connection-test.ts';
import { createVirtualTime } from '../support/virtual-time.ts';

type Used = Pick<CloudTarget, 'put' | 'read' | 'remove' | 'close'>;

/** A bucket in memory that does what a test says instead; only what the connection test uses. */
function bucket(instead: Partial<Used> = {}) {
  const objects = new Map<string, Uint8Array>();
  const keys: string[] = [];
  let closed = 0;
  const target: Used = {
    put: async ({ key }, bytes) => {
      keys.push(key);
      objects.set(key, bytes);
      await instead.put?.({ key, sizeBytes: 0, contentType: '', partBytes: 0 }, bytes, {
        signal: new AbortController().signal,
      });
    },
    read: async (key, maxBytes, options) => {
      if (instead.read !== undefined) return instead.read(key, maxBytes, options);
      const bytes = objects.get(key);
      if (bytes === undefined) throw new AppError('CLOUD_OBJECT_MISSING', 'Not there.');
      return bytes;
    },
    remove: async (key, options) => {
      await instead.remove?.(key, options);
      objects.delete(key);
    },
    close: () => {
      closed += 1;
    },
  };
  return { open: async () => target as CloudTarget, objects, keys, closed: () => closed };
}

const time = createVirtualTime();
let ids = 0;
const ports = {
  monotonicMs: time.clock.monotonicMs,
  after: time.scheduler.after,
  randomBytes: (count: number) => new Uint8Array(count).fill(7),
  randomId: () => `id-${(ids += 1)}`,
};
const refuse = (code: 'CLOUD_FORBIDDEN' | 'CLOUD_UNREACHABLE') => async (): Promise<never> => {
  throw new AppError(code, 'No.');
};

describe('the test of a connection', () => {
  it('works with what it wrote, read and deleted below the prefix, and lets go of the bucket', async () => {
    const made = bucket();
    expect(await testConnection(made.open, 'team/a', ports)).toEqual({ kind: 'works', tookMs: 0 });
    expect(made.keys[0]).toMatch(/^team\/a\/\.tallylight-test-id-\d+$/);
    expect(made.objects.size).toBe(0);
    expect(made.closed()).toBe(1);
    const bare = bucket();
    await testConnection(bare.open, '', ports);
    expect(bare.keys[0]).toMatch(/^\.tallylight-test-id-\d+$/);
  });

  it('names the set-up when the bucket cannot even be opened', async () => {
    expect(await testConnection(refuse('CLOUD_FORBIDDEN'), '', ports)).toMatchObject({
      kind: 'fails',
      step: 'setUp',
      error: { code: 'CLOUD_FORBIDDEN', message: 'No.' },
    });
  });

  it.each(['put', 'read', 'remove'] as const)('names the step that failed: %s', async (step) => {
    const made = bucket({ [step]: refuse('CLOUD_FORBIDDEN') });
    const names = { put: 'write', read: 'read', remove: 'delete' };
    expect(await testConnection(made.open, '', ports)).toMatchObject({ kind: 'fails', step: names[step] });
    expect(made.closed()).toBe(1);
  });

  it('deletes what it wrote also when it could not be read, or came back different', async () => {
    const unreadable = bucket({ read: refuse('CLOUD_FORBIDDEN') });
    await testConnection(unreadable.open, '', ports);
    expect(unreadable.objects.size).toBe(0);
    const other = bucket({ read: async () => new Uint8Array(1024).fill(8) });
    expect(await testConnection(other.open, '', ports)).toMatchObject({
      step: 'compare',
      error: { code: 'CLOUD_CONTENT_DIFFERS' },
    });
    expect(other.objects.size).toBe(0);
  });

  it('deletes what may have arrived although the answer was lost', async () => {
    const made = bucket({ put: refuse('CLOUD_UNREACHABLE') });
    expect(await testConnection(made.open, '', ports)).toMatchObject({ step: 'write' });
    expect(made.keys).toHaveLength(1);
    expect(made.objects.size).toBe(0);
  });

  it('ends after its time, also when a server never answers', async () => {
    const silent = Promise.withResolvers<AbortSignal>();
    const made = bucket({
      read: (_key, _max, { signal }) => {
        silent.resolve(signal);
        return new Promise<never>(() => undefined);
      },
    });
    const test = testConnection(made.open, '', ports);
    const signal = await silent.promise;
    time.advance(TEST_LIMIT_MS - 1);
    expect(signal.aborted).toBe(false);
    time.advance(1);
    expect(await test).toMatchObject({ step: 'read', error: { code: 'CLOUD_UNREACHABLE', retryable: true } });
    expect(signal.aborted).toBe(true);
    expect(made.objects.size).toBe(0);
  });

  it('never tells what an unexpected error said', async () => {
    const test = await testConnection(async () => Promise.reject(new Error('hush')), '', ports);
    expect(JSON.stringify(test)).not.toContain('hush');
    expect(test).toMatchObject({ step: 'setUp', error: { code: 'INTERNAL' } });
  });
});
