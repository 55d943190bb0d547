import { createHash, randomUUID } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * "The chunk size should be a multiple of 256 KiB"; the service keeps whole blocks of that size of an upload that is not complete
 * (cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload).
 */
export const BLOCK_BYTES = 256 * 1024;

/** An object as the fake server keeps it: its bytes lie in a file that has no name any more. */
export type StoredObject = {
  bucket: string;
  name: string;
  contentType: string;
  sizeBytes: number;
  md5: Buffer;
  /** Big-endian, as the service tells it. */
  crc32c: Buffer;
  generation: string;
  createdAt: string;
  file: number;
};

/** Takes bytes in order and becomes an object; whole blocks are kept at once, the rest waits in memory for the end. */
export type Intake = {
  keptBytes: () => number;
  take: (bytes: Uint8Array) => void;
  /** Forgets what is not a whole block: the request that brought it ended early. */
  dropRest: () => void;
  finish: () => Pick<StoredObject, 'sizeBytes' | 'md5' | 'crc32c' | 'file'>;
  discard: () => void;
};

/** Files for objects: without names, so that nothing of them is left however the server ends. */
export type GcsStore = {
  intake: () => Intake;
  read: (file: number, offsetBytes: number, sizeBytes: number) => Buffer;
  remove: (file: number) => void;
  close: () => void;
};

/** Makes the store. */
export function createGcsStore(): GcsStore {
  const files = new Set<number>();
  const remove = (file: number): void => {
    if (files.delete(file)) closeSync(file);
  };
  return {
    intake: () => {
      const path = join(tmpdir(), `gcs-server-${randomUUID()}`);
      const file = openSync(path, 'wx+');
      rmSync(path);
      files.add(file);
      return createIntake(file, () => remove(file));
    },
    read: (file, offsetBytes, sizeBytes) => {
      const bytes = Buffer.alloc(sizeBytes);
      let filled = 0;
      while (filled < sizeBytes) {
        const got = readSync(file, bytes, filled, sizeBytes - filled, offsetBytes + filled);
        if (got === 0) break;
        filled += got;
      }
      return bytes.subarray(0, filled);
    },
    remove,
    close: () => {
      for (const file of files) remove(file);
    },
  };
}

function createIntake(file: number, discard: () => void): Intake {
  const md5: Hash = createHash('md5');
  const block = Buffer.alloc(BLOCK_BYTES);
  let crc = 0xff_ff_ff_ff;
  let kept = 0;
  let waiting = 0;
  const keep = (bytes: Uint8Array): void => {
    let written = 0;
    while (written < bytes.length) written += writeSync(file, bytes, written);
    md5.update(bytes);
    crc = crc32cUpdate(crc, bytes);
    kept += bytes.length;
  };
  return {
    keptBytes: () => kept,
    take: (bytes) => {
      for (let at = 0; at < bytes.length;) {
        const taken = Math.min(bytes.length - at, BLOCK_BYTES - waiting);
        block.set(bytes.subarray(at, at + taken), waiting);
        at += taken;
        waiting += taken;
        if (waiting === BLOCK_BYTES) {
          keep(block);
          waiting = 0;
        }
      }
    },
    dropRest: () => {
      waiting = 0;
    },
    finish: () => {
      keep(block.subarray(0, waiting));
      const word = Buffer.alloc(4);
      word.writeUInt32BE((crc ^ 0xff_ff_ff_ff) >>> 0);
      return { sizeBytes: kept, md5: md5.digest(), crc32c: word, file };
    },
    discard,
  };
}

/** CRC-32C, the Castagnoli polynomial (RFC 3720, appendix B.4), reflected. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82_f6_3b_78 : value >>> 1;
  return value >>> 0;
});

function crc32cUpdate(crc: number, bytes: Uint8Array): number {
  let value = crc;
  // An index loop: an iterator over a hundred megabytes is several times slower.
  for (let at = 0; at < bytes.length; at += 1) {
    value = (CRC_TABLE[(value ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (value >>> 8);
  }
  return value >>> 0;
}
