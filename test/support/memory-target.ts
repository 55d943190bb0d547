import { createHash, randomUUID } from 'node:crypto';
import { AppError } from '../../contract/errors.ts';
import { abortedProblem } from '../../main/cloud/cloud-errors.ts';
import type { CallOptions, CloudTarget, ContentHash, SentPart, Verdict } from '../../main/cloud/cloud-target.ts';

/** A bucket that is only in memory: no server, no network. For tests of what stands above a target, never instead of a real one. */
export type MemoryBucket = {
  objects: Map<string, Uint8Array>;
  uploads: Map<string, { key: string; parts: Map<number, Uint8Array> }>;
  /** A target for it; several can be open at once, as after a restart. */
  open: () => CloudTarget;
};

const PIECE_BYTES = 64 * 1024;

/** Makes an empty bucket in memory. */
export function createMemoryBucket({ minPartBytes = 1024 }: { minPartBytes?: number } = {}): MemoryBucket {
  const objects: MemoryBucket['objects'] = new Map();
  const uploads: MemoryBucket['uploads'] = new Map();
  const uploadOf = (key: string, session: string): { key: string; parts: Map<number, Uint8Array> } => {
    const upload = uploads.get(session);
    if (upload?.key !== key) throw new AppError('CLOUD_UPLOAD_GONE', 'There is no such upload.', { retryable: true });
    return upload;
  };

  const open = (): CloudTarget => ({
    partsInFlight: 2,
    wantsMd5: false,
    sessionIsSecret: false,
    partGranularityBytes: 1,
    minPartBytes,
    maxParts: 10_000,
    address: { host: 'memory.invalid', port: 1 },

    begin: async ({ key }, { signal }) => {
      check(signal);
      const session = randomUUID();
      uploads.set(session, { key, parts: new Map() });
      return { session };
    },
    inspect: async ({ key, sizeBytes }, session, { signal }) => {
      check(signal);
      const upload = uploads.get(session);
      if (upload?.key !== key) {
        return objects.get(key)?.byteLength === sizeBytes ? { kind: 'finished' } : { kind: 'gone' };
      }
      const parts = [...upload.parts].map(([number, bytes]) => sentPart(number, bytes));
      return { kind: 'parts', parts: parts.toSorted((a, b) => a.number - b.number) };
    },
    sendPart: async ({ key }, session, { number, bytes, sha256Hex }, options) => {
      uploadOf(key, session);
      await pass(bytes, options);
      if (digestOf(bytes) !== sha256Hex) throw new AppError('CLOUD_BUSY', 'Other bytes came.', { retryable: true });
      uploadOf(key, session).parts.set(number, bytes.slice());
      return sentPart(number, bytes);
    },
    finish: async ({ key }, session, parts, { signal }) => {
      check(signal);
      const upload = uploadOf(key, session);
      const content = parts.map(({ number, etag }) => {
        const bytes = upload.parts.get(number);
        if (bytes === undefined || sentPart(number, bytes).etag !== etag) {
          throw new AppError('CLOUD_REFUSED', `There is no part ${number} like that.`);
        }
        return bytes;
      });
      uploads.delete(session);
      objects.set(key, Buffer.concat(content));
    },
    put: async ({ key }, bytes, options) => {
      await pass(bytes, options);
      objects.set(key, bytes.slice());
    },
    verify: async ({ key }, hash, { signal }) => {
      check(signal);
      return compare(objects.get(key), hash);
    },
    abort: async (key, session, { signal }) => {
      check(signal);
      if (uploads.get(session)?.key === key) uploads.delete(session);
    },
    openUploads: async (prefix, { signal }) => {
      check(signal);
      const all = [...uploads].map(([session, { key }]) => ({ key, session }));
      return all.filter(({ key }) => key.startsWith(prefix));
    },
    sizeBytes: async (key, { signal }) => {
      check(signal);
      return objects.get(key)?.byteLength ?? null;
    },
    read: async (key, maxBytes, { signal }) => {
      check(signal);
      const bytes = objects.get(key);
      if (bytes === undefined) throw new AppError('CLOUD_OBJECT_MISSING', 'There is no such file.');
      if (bytes.byteLength > maxBytes) throw new AppError('CLOUD_CONTENT_DIFFERS', 'The file is larger than expected.');
      return bytes.slice();
    },
    remove: async (key, { signal }) => {
      check(signal);
      objects.delete(key);
    },
    link: async (key, validSeconds) => `memory://bucket/${encodeURIComponent(key)}?seconds=${validSeconds}`,
    close: () => undefined,
  });
  return { objects, uploads, open };
}

function check(signal: AbortSignal): void {
  if (signal.aborted) throw abortedProblem();
}

async function pass(bytes: Uint8Array, { signal, onBytes, throttle }: CallOptions): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength; offset += PIECE_BYTES) {
    const count = Math.min(PIECE_BYTES, bytes.byteLength - offset);
    check(signal);
    await throttle?.(count, signal);
    onBytes?.(count);
    // Lets others have their turn, as a network does.
    await new Promise((resolve) => setImmediate(resolve));
  }
  check(signal);
}

function compare(bytes: Uint8Array | undefined, { sizeBytes, partBytes, partSha256 }: ContentHash): Verdict {
  if (bytes === undefined) return { kind: 'missing' };
  if (bytes.byteLength !== sizeBytes) return { kind: 'different', why: `${bytes.byteLength} bytes` };
  const wrong = partSha256.findIndex(
    (sha256, index) => digestOf(bytes.subarray(index * partBytes, (index + 1) * partBytes)) !== sha256,
  );
  return wrong === -1 ? { kind: 'same', by: 'readBack' } : { kind: 'different', why: `part ${wrong + 1} is another` };
}

function sentPart(number: number, bytes: Uint8Array): SentPart {
  return { number, sizeBytes: bytes.byteLength, etag: digestOf(bytes).slice(0, 32) };
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
