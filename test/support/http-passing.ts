import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Headers that tell where a body ends, or that one is to be waited for. */
export const LENGTH_HEADERS = ['content-length', 'transfer-encoding', 'expect'];

/** Raw headers (name, value, name, value) but for some names, given in lower case. */
export function without(rawHeaders: readonly string[], names: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => !names.includes((rawHeaders[index - (index % 2)] ?? '').toLowerCase()));
}

/** All of a body; counted as it comes. */
export async function bodyOf(message: IncomingMessage, seen: { requestBytes: number } | null): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) {
    pieces.push(piece as Buffer);
    if (seen !== null) seen.requestBytes += (piece as Buffer).byteLength;
  }
  return Buffer.concat(pieces);
}

/** Resolves when nothing more can be read from a message, or was written to it. */
export async function closed(stream: IncomingMessage | ServerResponse | ClientRequest): Promise<void> {
  if (stream.destroyed || ('writableFinished' in stream && stream.writableFinished)) return;
  await new Promise<void>((resolve) => {
    stream.once('close', resolve);
    if ('writableFinished' in stream) stream.once('finish', resolve);
  });
}

/** Lets bytes go by at a rate, counted from the first. */
export function pacer(bytesPerSecond: number): (bytes: number) => Promise<void> {
  const sinceMs = performance.now();
  let passed = 0;
  return async (bytes) => {
    passed += bytes;
    await delay(Math.max(0, (passed / bytesPerSecond) * 1_000 - (performance.now() - sinceMs)));
  };
}

const SLICE_BYTES = 256;

/** Pieces small enough to be paced. */
export function slices(bytes: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.byteLength / SLICE_BYTES) }, (_, index) =>
    bytes.subarray(index * SLICE_BYTES, (index + 1) * SLICE_BYTES),
  );
}

/** Writes, and waits until more may be written or nobody listens any more. */
export async function writeTo(stream: ServerResponse | ClientRequest, bytes: Buffer): Promise<void> {
  if (stream.destroyed || stream.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}
