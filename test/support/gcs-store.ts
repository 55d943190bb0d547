import { createHash, randomUUID } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * "The chunk size should be a multiple of 256 KiB"; the service keeps whole blocks of that size of an upload that is not complete
 * (cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload).
 */
export const BLOCK_BYTES = 256 * 1024;

/** An object as the fake server keeps it: its bytes lie in a temporary file. */
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
  path: string;
};

/** Takes bytes in order and becomes an object; whole blocks are kept at once, the rest waits in memory for the end. */
export type Intake = {
  keptBytes: () => number;
  take: (bytes: Uint8Array) => void;
  /** Forgets what is not a whole block: the request that brought it ended early. */
  dropRest: () => void;
  finish: () => { sizeBytes: number; md5: Buffer; crc32c: Buffer; path: string };
  discard: () => void;
};

/** A temporary folder for objects; nothing of it is left after `close`. */
export type GcsStore = {
  intake: () => Intake;
  read: (path: string, offsetBytes: number, sizeBytes: number) => Buffer;
  remove: (path: string) => void;
  close: () => void;
};

/** Makes the folder. */
export function createGcsStore(): GcsStore {
  const folder = mkdtempSync(join(tmpdir(), 'gcs-server-'));
  const open = new Set<number>();
  return {
    intake: () => createIntake(join(folder, randomUUID()), open),
    read: (path, offsetBytes, sizeBytes) => {
      const file = openSync(path, 'r');
      try {
        const bytes = Buffer.alloc(sizeBytes);
        let filled = 0;
        while (filled < sizeBytes) {
          const got = readSync(file, bytes, filled, sizeBytes - filled, offsetBytes + filled);
          if (got === 0) break;
          filled += got;
        }
        return bytes.subarray(0, filled);
      } finally {
        closeSync(file);
      }
    },
    remove: (path) => rmSync(path, { force: true }),
    close: () => {
      for (const file of open) closeSync(file);
      open.clear();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function createIntake(path: string, open: Set<number>): Intake {
  const file = openSync(path, 'w');
  open.add(file);
  const md5: Hash = createHash('md5');
  let crc = 0xff_ff_ff_ff;
  let kept = 0;
  let rest = Buffer.alloc(0);
  const keep = (bytes: Uint8Array): void => {
    let written = 0;
    while (written < bytes.length) written += writeSync(file, bytes, written);
    md5.update(bytes);
    crc = crc32cUpdate(crc, bytes);
    kept += bytes.length;
  };
  const close = (): void => {
    if (open.delete(file)) closeSync(file);
  };
  return {
    keptBytes: () => kept,
    take: (bytes) => {
      const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const whole = all.length - (all.length % BLOCK_BYTES);
      if (whole > 0) keep(all.subarray(0, whole));
      // A copy: the piece of the network's buffer must not be held for the sake of a few bytes.
      rest = Buffer.from(all.subarray(whole));
    },
    dropRest: () => {
      rest = Buffer.alloc(0);
    },
    finish: () => {
      keep(rest);
      close();
      const word = Buffer.alloc(4);
      word.writeUInt32BE((crc ^ 0xff_ff_ff_ff) >>> 0);
      return { sizeBytes: kept, md5: md5.digest(), crc32c: word, path };
    },
    discard: () => {
      close();
      rmSync(path, { force: true });
    },
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
