import { AppError } from '../../contract/errors.ts';
import { abortedProblem } from '../../main/cloud/cloud-errors.ts';
import type { CallOptions, CloudTarget, Verdict } from '../../main/cloud/cloud-target.ts';
import { createMemoryBucket } from './memory-target.ts';
import type { MemoryBucket } from './memory-target.ts';

type Name = Exclude<
  keyof CloudTarget,
  | 'partsInFlight'
  | 'wantsMd5'
  | 'sessionIsSecret'
  | 'partGranularityBytes'
  | 'minPartBytes'
  | 'maxParts'
  | 'address'
  | 'link'
  | 'close'
>;

/** What a test is asked around each request; it may wait, throw, or watch. */
export type Intercept = (
  request: { name: Name; part: number | null; key: string },
  signal: AbortSignal,
) => Promise<void> | void;

/** A bucket in memory whose way and server do what a test says. */
export type ScriptedBucket = {
  objects: MemoryBucket['objects'];
  uploads: MemoryBucket['uploads'];
  /** Every request in order, as its name or "part 3". */
  requests: string[];
  /** How many parts were under way at once at most. */
  mostInFlight: number;
  /** Asked before the server hears of it. */
  intercept: Intercept;
  /** Asked when the server has done it and its answer is not there yet. */
  done: Intercept;
  /** What it says of an object, whatever is there. */
  verdict: Verdict | null;
  /** `offset`: one that takes the bytes in order and whose sessions are secret, as Google's. */
  open: (shape?: 'parts' | 'offset') => CloudTarget;
};

/** Makes an empty bucket with a server that does as it is told. */
export function createScriptedBucket(): ScriptedBucket {
  const { objects, uploads, open: openMemory } = createMemoryBucket();
  let inFlight = 0;

  const ask = async <T>(
    name: Name,
    key: string,
    { signal }: CallOptions,
    work: () => Promise<T>,
    part: number | null = null,
  ): Promise<T> => {
    bucket.requests.push(part === null ? name : `part ${part}`);
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    aborted.catch(() => undefined);
    const stop = (): void => reject(abortedProblem());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    if (part !== null) inFlight += 1;
    bucket.mostInFlight = Math.max(bucket.mostInFlight, inFlight);
    try {
      await Promise.race([bucket.intercept({ name, part, key }, signal), aborted]);
      const answer = await work();
      await Promise.race([bucket.done({ name, part, key }, signal), aborted]);
      return answer;
    } finally {
      if (part !== null) inFlight -= 1;
      signal.removeEventListener('abort', stop);
    }
  };

  const bucket: ScriptedBucket = {
    objects,
    uploads,
    requests: [],
    mostInFlight: 0,
    intercept: () => undefined,
    done: () => undefined,
    verdict: null,
    open: (shape = 'parts') => {
      const target = shape === 'parts' ? openMemory() : inOrder(openMemory(), uploads);
      return {
        ...target,
        begin: (object, options) => ask('begin', object.key, options, () => target.begin(object, options)),
        inspect: (object, session, options) =>
          ask('inspect', object.key, options, () => target.inspect(object, session, options)),
        sendPart: (object, session, part, options) =>
          ask('sendPart', object.key, options, () => target.sendPart(object, session, part, options), part.number),
        finish: (object, session, parts, options) =>
          ask('finish', object.key, options, () => target.finish(object, session, parts, options)),
        put: (object, bytes, options) => ask('put', object.key, options, () => target.put(object, bytes, options)),
        verify: (object, hash, options) =>
          ask('verify', object.key, options, async () => bucket.verdict ?? target.verify(object, hash, options)),
        abort: (key, session, options) => ask('abort', key, options, () => target.abort(key, session, options)),
        openUploads: (prefix, options) =>
          ask('openUploads', prefix, options, () => target.openUploads(prefix, options)),
        remove: (key, options) => ask('remove', key, options, () => target.remove(key, options)),
      };
    },
  };
  return bucket;
}

/** The same server, but one that takes the bytes of an upload in order and tells how far it is, and not what it has. */
function inOrder(target: CloudTarget, uploads: MemoryBucket['uploads']): CloudTarget {
  const piecesOf = (session: string): Map<number, Uint8Array> => {
    const upload = uploads.get(session);
    if (upload === undefined) throw new AppError('CLOUD_UPLOAD_GONE', 'There is no such upload.', { retryable: true });
    return upload.parts;
  };
  const sizeOf = (pieces: ReadonlyMap<number, Uint8Array>): number =>
    [...pieces.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  return {
    ...target,
    partsInFlight: 1,
    sessionIsSecret: true,
    inspect: async (object, session, options) => {
      const state = await target.inspect(object, session, options);
      return state.kind === 'parts' ? { kind: 'offset', receivedBytes: sizeOf(piecesOf(session)) } : state;
    },
    sendPart: async (_object, session, { number, offsetBytes, bytes }, { onBytes }) => {
      const pieces = piecesOf(session);
      if (offsetBytes !== sizeOf(pieces)) throw new AppError('CLOUD_REFUSED', 'That is not where it goes on.');
      onBytes?.(bytes.byteLength);
      pieces.set(pieces.size + 1, bytes.slice());
      return { number, sizeBytes: bytes.byteLength, etag: '' };
    },
    finish: async (object, session, _parts, options) => {
      const whole = Buffer.concat([...piecesOf(session).values()]);
      await target.put(object, whole, options);
      uploads.delete(session);
    },
    openUploads: async () => [],
  };
}
