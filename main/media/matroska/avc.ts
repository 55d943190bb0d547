/**
 * The two ways in which H.264 frames are written down: with start codes between the NAL units (ITU-T H.264 annex B, what
 * Chromium's MediaRecorder puts into Matroska) and with the length before each unit (ISO/IEC 14496-15, what the Matroska codec
 * mapping of V_MPEG4/ISO/AVC asks for).
 */

/** Even a 4K frame that is cut into units of one network packet each has far fewer. */
export const MAX_NAL_UNITS = 16_384;
const LENGTH_BYTES = 4;

/**
 * The NAL units of an annex B frame, without their start codes and the zeros behind them, as views of its memory. Null when these
 * bytes are no annex B: something other than zeros before the first start code, no unit that holds a byte, or too many.
 */
export function splitAnnexB(frame: Uint8Array): Uint8Array[] | null {
  let startCode = nextStartCode(frame, 0);
  for (let at = 0; at < startCode; at += 1) {
    if (frame[at] !== 0) return null;
  }
  const units: Uint8Array[] = [];
  while (startCode < frame.length) {
    const start = startCode + 3;
    startCode = nextStartCode(frame, start);
    let end = startCode;
    // No NAL unit ends in a zero (H.264, 7.4.1): these are trailing zeros or the first byte of a longer start code.
    while (end > start && frame[end - 1] === 0) end -= 1;
    if (end === start) continue;
    if (units.length === MAX_NAL_UNITS) return null;
    units.push(frame.subarray(start, end));
  }
  return units.length === 0 ? null : units;
}

/** Where the next 00 00 01 begins, or the end of the bytes; the scan steps over three bytes wherever one of them rules it out. */
function nextStartCode(bytes: Uint8Array, from: number): number {
  let at = from + 2;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === 0) {
      at += 1;
      continue;
    }
    if (byte === 1 && bytes[at - 1] === 0 && bytes[at - 2] === 0) return at - 2;
    at += 3;
  }
  return bytes.length;
}

/** Joins NAL units with 4-byte lengths before them: one copy of the frame. */
export function joinWithLengths(units: readonly Uint8Array[]): Uint8Array {
  let sizeBytes = 0;
  for (const unit of units) sizeBytes += LENGTH_BYTES + unit.length;
  const frame = new Uint8Array(sizeBytes);
  let at = 0;
  for (const unit of units) {
    frame[at] = unit.length >>> 24;
    frame[at + 1] = unit.length >>> 16;
    frame[at + 2] = unit.length >>> 8;
    frame[at + 3] = unit.length;
    frame.set(unit, at + LENGTH_BYTES);
    at += LENGTH_BYTES + unit.length;
  }
  return frame;
}
