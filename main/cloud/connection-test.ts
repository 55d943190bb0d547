import type { ConnectionTest } from '../../contract/cloud.ts';
import { AppError, toErrorShape } from '../../contract/errors.ts';
import type { CloudTarget, ObjectSpec } from './cloud-target.ts';

/** All steps together may take so long. */
export const TEST_LIMIT_MS = 20_000;

/** What was written is deleted also when the time is up. */
const CLEAN_UP_LIMIT_MS = 5_000;

const TEST_BYTES = 1024;

/** Where a test gets its time and chance from. */
export type TestPorts = {
  monotonicMs: () => number;
  after: (delayMs: number, run: () => void) => () => void;
  randomBytes: (count: number) => Uint8Array;
  randomId: () => string;
};

type Step = Extract<ConnectionTest, { kind: 'fails' }>['step'];

/** Gives a step until a limit and turns what ends it then into words. */
async function withinLimit<T>(
  limitMs: number,
  ports: Pick<TestPorts, 'after'>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  const undo = ports.after(Math.max(0, limitMs), () => {
    controller.abort();
    late.reject(new AppError('CLOUD_UNREACHABLE', 'The server did not answer in time.', { retryable: true }));
  });
  try {
    return await Promise.race([work(controller.signal), late.promise]);
  } finally {
    undo();
  }
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Whether an object may lie in the bucket although writing it failed: an answer that got lost. */
const mayBeThere = (error: unknown): boolean => error instanceof AppError && error.code === 'CLOUD_UNREACHABLE';

/** Writes a small object of random bytes below a prefix, reads it back, compares, and deletes it; says which step failed and why. */
export async function testConnection(
  openTarget: () => Promise<CloudTarget>,
  prefix: string,
  ports: TestPorts,
): Promise<ConnectionTest> {
  const startedMs = ports.monotonicMs();
  const fails = (step: Step, error: unknown): ConnectionTest => ({ kind: 'fails', step, error: toErrorShape(error) });
  const within = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    withinLimit(TEST_LIMIT_MS - (ports.monotonicMs() - startedMs), ports, work);

  const opening = openTarget();
  let target: CloudTarget;
  try {
    target = await within(() => opening);
  } catch (error) {
    // One that opens when nobody waits for it any more.
    opening.then((late) => late.close()).catch(() => undefined);
    return fails('setUp', error);
  }
  try {
    const name = `.tallylight-test-${ports.randomId()}`;
    const key = prefix === '' ? name : `${prefix}/${name}`;
    const bytes = ports.randomBytes(TEST_BYTES);
    const object: ObjectSpec = {
      key,
      sizeBytes: bytes.length,
      contentType: 'application/octet-stream',
      partBytes: bytes.length,
    };
    const remove = (limitMs: number): Promise<void> =>
      withinLimit(limitMs, ports, (signal) => target.remove(key, { signal }));

    try {
      await within((signal) => target.put(object, bytes, { signal }));
    } catch (error) {
      if (mayBeThere(error)) await remove(CLEAN_UP_LIMIT_MS).catch(() => undefined);
      return fails('write', error);
    }
    const found = await readAndCompare(() => within((signal) => target.read(key, TEST_BYTES, { signal })), bytes);
    try {
      await remove(Math.max(CLEAN_UP_LIMIT_MS, TEST_LIMIT_MS - (ports.monotonicMs() - startedMs)));
    } catch (error) {
      // What failed first is what has to be mended first.
      return found === null ? fails('delete', error) : fails(found.step, found.error);
    }
    if (found !== null) return fails(found.step, found.error);
    return { kind: 'works', tookMs: Math.round(ports.monotonicMs() - startedMs) };
  } finally {
    target.close();
  }
}

async function readAndCompare(
  read: () => Promise<Uint8Array>,
  bytes: Uint8Array,
): Promise<{ step: 'read' | 'compare'; error: unknown } | null> {
  let there: Uint8Array;
  try {
    there = await read();
  } catch (error) {
    return { step: 'read', error };
  }
  if (same(there, bytes)) return null;
  return {
    step: 'compare',
    error: new AppError('CLOUD_CONTENT_DIFFERS', 'The bucket gave back other bytes than were written.'),
  };
}
