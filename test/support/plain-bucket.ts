import { createHash, randomUUID } from 'node:crypto';
import { AppError } from '../../contract/errors.ts';
import type { CallOptions, CloudTarget, ObjectSpec, SentPart, Verdict } from '../../main/cloud/cloud-target.ts';

/** What a test is asked before each request; it may wait, throw, or watch. */
export type Intercept = (
  request: { name: string; part: number | null; key: string },
  signal: AbortSignal,
) => Promise<void> | void;

/** A bucket in memory that outlives the targets that open it, with what tests want to know of it. */
export type PlainBucket = {
  objects: Map<string, Buffer>;
  /** Unfinished uploads by session. */
  uploads: Map<string, { key: string; parts: Map<number, { bytes: Buffer; etag: string }>; offsetBytes: number }>;
  /** Every request in order, as "name" or "part 3". */
  requests: string[];
  mostInFlight: number;
  intercept: Intercept;
  /** Called when the server did it, before its answer is on the way. */
  done: Intercept;
  verdict: ((key: string) => Verdict) | null;
  open: (shape?: { kind: 'parts' | 'offset' }) => CloudTarget;
};

const PIECE_BYTES = 4096;

/** Makes an empty bucket whose parts may be as small as 1 KiB. */
export function createPlainBucket(): PlainBucket {
  const bucket: PlainBucket = {
    objects: new Map(),
    uploads: new Map(),
    requests: [],
    mostInFlight: 0,
    intercept: () => undefined,
    done: () => undefined,
    verdict: null,
    open,
  };
  let inFlight = 0;
  return bucket;

  function open({ kind }: { kind: 'parts' | 'offset' } = { kind: 'parts' }): CloudTarget {
    /** One request: its pieces pass the throttle, and it is refused when it is aborted. */
    const ask = async <T>(
      name: string,
      key: string,
      options: CallOptions,
      work: () => T,
      body: { bytes: Uint8Array; part: number | null } = { bytes: new Uint8Array(0), part: null },
    ): Promise<T> => {
      bucket.requests.push(body.part === null ? name : `part ${body.part}`);
      const isBody = name === 'sendPart';
      if (isBody) inFlight += 1;
      bucket.mostInFlight = Math.max(bucket.mostInFlight, inFlight);
      const stopped = new AppError('ABORTED', 'Stopped.');
      const aborted = new Promise<never>((_, reject) => {
        if (options.signal.aborted) reject(stopped);
        options.signal.addEventListener('abort', () => reject(stopped), { once: true });
      });
      aborted.catch(() => undefined);
      const request = { name, part: body.part, key };
      try {
        await Promise.race([bucket.intercept(request, options.signal), aborted]);
        for (let at = 0; at < body.bytes.byteLength; at += PIECE_BYTES) {
          const size = Math.min(PIECE_BYTES, body.bytes.byteLength - at);
          await options.throttle?.(size, options.signal);
          options.onBytes?.(size);
        }
        if (options.signal.aborted) throw stopped;
        const answer = work();
        await Promise.race([bucket.done(request, options.signal), aborted]);
        return answer;
      } finally {
        if (isBody) inFlight -= 1;
      }
    };
    const uploadOf = (session: string) => {
      const upload = bucket.uploads.get(session);
      if (upload === undefined)
        throw new AppError('CLOUD_UPLOAD_GONE', 'There is no such upload.', { retryable: true });
      return upload;
    };
    const listOf = (session: string): SentPart[] =>
      [...uploadOf(session).parts]
        .map(([number, { bytes, etag }]) => ({ number, sizeBytes: bytes.length, etag }))
        .sort((a, b) => a.number - b.number);

    return {
      partsInFlight: kind === 'parts' ? 2 : 1,
      wantsMd5: true,
      sessionIsSecret: kind === 'offset',
      partGranularityBytes: 1024,
      minPartBytes: 1024,
      maxParts: 10_000,
      address: { host: 'bucket', port: 1 },
      begin: ({ key }, options) =>
        ask('begin', key, options, () => {
          const session = `session-${randomUUID()}`;
          bucket.uploads.set(session, { key, parts: new Map(), offsetBytes: 0 });
          return { session };
        }),
      inspect: (object, session, options) =>
        ask('inspect', object.key, options, () => {
          const upload = bucket.uploads.get(session);
          if (upload === undefined) {
            const isThere = bucket.objects.get(object.key)?.length === object.sizeBytes;
            return isThere ? { kind: 'finished' as const } : { kind: 'gone' as const };
          }
          if (kind === 'offset') return { kind: 'offset' as const, receivedBytes: upload.offsetBytes };
          return { kind: 'parts' as const, parts: listOf(session) };
        }),
      sendPart: (object, session, part, options) =>
        ask(
          'sendPart',
          object.key,
          options,
          () => {
            const upload = uploadOf(session);
            const bytes = Buffer.from(part.bytes);
            const etag = createHash('md5').update(bytes).digest('hex');
            if (kind === 'offset' && part.offsetBytes !== upload.offsetBytes) {
              throw new AppError('CLOUD_REFUSED', 'That is not where it goes on.');
            }
            upload.offsetBytes = part.offsetBytes + bytes.length;
            upload.parts.set(kind === 'offset' ? part.offsetBytes : part.number, { bytes, etag });
            return { number: part.number, sizeBytes: bytes.length, etag };
          },
          { bytes: part.bytes, part: part.number },
        ),
      finish: (object, session, parts, options) =>
        ask('finish', object.key, options, () => {
          const upload = uploadOf(session);
          const wanted = kind === 'offset' ? [...upload.parts.keys()] : parts.map(({ number }) => number);
          const bytes = [...wanted]
            .sort((a, b) => a - b)
            .map((number) => upload.parts.get(number)?.bytes ?? Buffer.alloc(0));
          bucket.objects.set(object.key, Buffer.concat(bytes));
          bucket.uploads.delete(session);
        }),
      put: (object, bytes, options) =>
        ask('put', object.key, options, () => void bucket.objects.set(object.key, Buffer.from(bytes)), {
          bytes,
          part: null,
        }),
      verify: (object, hash, options) =>
        ask('verify', object.key, options, () => {
          const told = bucket.verdict?.(object.key);
          return told ?? compare(bucket.objects.get(object.key), object, hash.partSha256);
        }),
      abort: (key, session, options) => ask('abort', key, options, () => void bucket.uploads.delete(session)),
      openUploads: (prefix, options) =>
        ask('openUploads', prefix, options, () =>
          kind === 'offset'
            ? []
            : [...bucket.uploads]
                .filter(([, { key }]) => key.startsWith(prefix))
                .map(([session, { key }]) => ({ key, session })),
        ),
      sizeBytes: (key, options) => ask('sizeBytes', key, options, () => bucket.objects.get(key)?.length ?? null),
      read: (key, _maxBytes, options) => ask('read', key, options, () => bucket.objects.get(key) ?? Buffer.alloc(0)),
      remove: (key, options) => ask('remove', key, options, () => void bucket.objects.delete(key)),
      link: async (key, validSeconds) => `https://bucket.example/${key}?for=${validSeconds}`,
      close: () => undefined,
    };
  }
}

function compare(bytes: Buffer | undefined, object: ObjectSpec, partSha256: readonly string[]): Verdict {
  if (bytes === undefined) return { kind: 'missing' };
  if (bytes.length !== object.sizeBytes) return { kind: 'different', why: 'another size.' };
  const isSame = partSha256.every((wanted, index) => {
    const part = bytes.subarray(index * object.partBytes, (index + 1) * object.partBytes);
    return createHash('sha256').update(part).digest('hex') === wanted;
  });
  return isSame ? { kind: 'same', by: 'readBack' } : { kind: 'different', why: 'other bytes.' };
}
