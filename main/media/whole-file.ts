import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { SourceContainer } from './argv.ts';
import { ID, readElementHead } from './matroska/ebml.ts';

// A file of ours has a handful; fragments would have two more for each.
const maxBoxes = 10_000;

/**
 * Whether a finished file goes exactly as far as its own structure says, which a reader of headers does not see: an MP4 with
 * its index in front looks well when the rest is cut off.
 */
export async function isWholeFile(path: string, container: SourceContainer): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    return await (container === 'mp4' ? isWholeMp4(handle, size) : isWholeMatroska(handle, size));
  } finally {
    await handle.close();
  }
}

/** Top-level boxes must follow each other up to the last byte, an index and media among them (ISO/IEC 14496-12, 4.2). */
async function isWholeMp4(handle: FileHandle, sizeBytes: number): Promise<boolean> {
  const seen = new Set<string>();
  let at = 0;
  for (let count = 0; at < sizeBytes; count += 1) {
    const head = await read(handle, 16, at);
    if (head.byteLength < 8 || count >= maxBoxes) return false;
    const shortSize = head.readUInt32BE(0);
    seen.add(head.toString('latin1', 4, 8));
    if (shortSize === 1 && head.byteLength < 16) return false;
    // 0 says: up to the end of the file.
    const boxBytes = shortSize === 0 ? sizeBytes - at : shortSize === 1 ? Number(head.readBigUInt64BE(8)) : shortSize;
    if (boxBytes < 8 || boxBytes > sizeBytes - at) return false;
    at += boxBytes;
  }
  return seen.has('moov') && seen.has('mdat');
}

/** The one segment must end where the file ends; a size that is still unknown says that it was never closed. */
async function isWholeMatroska(handle: FileHandle, sizeBytes: number): Promise<boolean> {
  const first = headOf(await read(handle, 12, 0));
  if (first === null || first.id !== ID.ebml || first.sizeBytes === null) return false;
  const segmentAt = first.headBytes + first.sizeBytes;
  const segment = headOf(await read(handle, 12, segmentAt));
  if (segment === null || segment.id !== ID.segment || segment.sizeBytes === null) return false;
  return segmentAt + segment.headBytes + segment.sizeBytes === sizeBytes;
}

function headOf(bytes: Uint8Array) {
  const head = readElementHead(bytes, 0, bytes.byteLength);
  return typeof head === 'string' ? null : head;
}

async function read(handle: FileHandle, lengthBytes: number, at: number): Promise<Buffer> {
  const bytes = Buffer.alloc(lengthBytes);
  const { bytesRead } = await handle.read(bytes, 0, lengthBytes, at);
  return bytes.subarray(0, bytesRead);
}
