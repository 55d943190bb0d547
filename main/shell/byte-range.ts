/** What a Range header asks of a file: all of it, a run of bytes (both ends included), or something it does not have. */
export type ByteRange =
  | { kind: 'whole' }
  | { kind: 'part'; firstByte: number; lastByte: number }
  | { kind: 'unsatisfiable' };

/**
 * Reads a Range header for a file of `sizeBytes` (RFC 9110, 14.1 and 14.2). A header that is malformed or asks for several
 * runs is ignored, as the RFC allows; only a well-formed run that starts past the end is unsatisfiable.
 */
export function parseByteRange(header: string | null, sizeBytes: number): ByteRange {
  const match = header === null ? null : /^bytes=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i.exec(header);
  const [, first = '', last = ''] = match ?? [];
  if (!match || (first === '' && last === '')) return { kind: 'whole' };
  if (first === '') {
    const suffixBytes = Math.min(Number(last), sizeBytes);
    if (suffixBytes === 0) return { kind: 'unsatisfiable' };
    return { kind: 'part', firstByte: sizeBytes - suffixBytes, lastByte: sizeBytes - 1 };
  }
  const firstByte = Number(first);
  const lastByte = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== '' && Number(last) < firstByte) return { kind: 'whole' };
  if (firstByte >= sizeBytes) return { kind: 'unsatisfiable' };
  return { kind: 'part', firstByte, lastByte };
}
