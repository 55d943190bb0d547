import { createHash } from 'node:crypto';
import type { ContentHash } from '../cloud-target.ts';

/** How far an object was found to be what it should be. */
export type ReadBack =
  /** All bytes up to here are right; the stream ended, early or not. */
  { kind: 'right'; parts: number; bytes: number } | { kind: 'wrong'; part: number } | { kind: 'tooLong' };

/**
 * Compares bytes that come from a server with the parts they must be, beginning with part `from` (0-based); stops at the first that is
 * not. Only whole parts count. `onRight` is told of each part that was right, so that a stream that breaks loses no more than one.
 */
export async function compareParts(
  stream: AsyncIterable<Uint8Array>,
  { sizeBytes, partBytes, partSha256 }: ContentHash,
  from: number,
  onRight: (parts: number) => void,
): Promise<ReadBack> {
  let part = from;
  let hash = createHash('sha256');
  let inPart = 0;
  const lengthOf = (index: number): number => Math.min(partBytes, sizeBytes - index * partBytes);
  const closePart = (): boolean => {
    const isRight = hash.digest('hex') === partSha256[part];
    hash = createHash('sha256');
    inPart = 0;
    part += 1;
    if (isRight) onRight(part);
    return isRight;
  };
  for await (const chunk of stream) {
    let rest = chunk;
    while (rest.byteLength > 0) {
      const wanted = lengthOf(part) - inPart;
      if (wanted <= 0) return { kind: 'tooLong' };
      const piece = rest.subarray(0, wanted);
      hash.update(piece);
      inPart += piece.byteLength;
      rest = rest.subarray(piece.byteLength);
      if (inPart === lengthOf(part) && !closePart()) return { kind: 'wrong', part: part - 1 };
    }
  }
  return { kind: 'right', parts: part, bytes: Math.min(part * partBytes, sizeBytes) + inPart };
}
