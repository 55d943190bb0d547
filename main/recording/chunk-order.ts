import { crc32 } from 'node:zlib';
import { AppError } from '../../contract/errors.ts';
import { MAX_CHUNK_BYTES } from '../../contract/recording.ts';

/** A chunk as far as its place in the lane is concerned. */
export type OrderedChunk = { seq: number; crc32: number; bytes: Uint8Array };

/** Decides whether a chunk is the next of its lane or one that came before; anything else is a typed refusal. */
export function checkChunk(chunk: OrderedChunk, expectedSeq: number): 'next' | 'duplicate' {
  if (chunk.bytes.byteLength > MAX_CHUNK_BYTES) {
    throw new AppError(
      'CHUNK_TOO_LARGE',
      `A chunk of ${chunk.bytes.byteLength} bytes is larger than any recorder makes.`,
      {
        details: { limitBytes: MAX_CHUNK_BYTES },
      },
    );
  }
  if (chunk.seq < expectedSeq) return 'duplicate';
  if (chunk.seq > expectedSeq) {
    throw new AppError('CHUNK_GAP', `Chunk ${chunk.seq} came before chunk ${expectedSeq}.`, {
      retryable: true,
      details: { expectedSeq },
    });
  }
  if (crc32(chunk.bytes) !== chunk.crc32) {
    throw new AppError('CHUNK_CORRUPT', `Chunk ${chunk.seq} was damaged on its way.`, {
      retryable: true,
      details: { expectedSeq },
    });
  }
  return 'next';
}
