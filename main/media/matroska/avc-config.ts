import { concatBytes } from './ebml.ts';

/** Parameter sets of a camera take 30 to 60 bytes; more than this is garbage, and would not fit into the head of a file. */
export const MAX_AVC_CONFIG_BYTES = 1024;
const NAL_SPS = 7;
const NAL_PPS = 8;
const MAX_SPS = 31;
const MAX_PPS = 255;
// ISO/IEC 14496-15, 5.3.3.1.2: every profile but Baseline, Main and Extended tells chroma format and bit depths.
const PROFILES_WITHOUT_CHROMA = new Set([66, 77, 88]);
// ITU-T H.264, 7.3.2.1.1: the profiles whose sequence parameter set holds chroma format and bit depths.
const PROFILES_WITH_CHROMA_IN_SPS = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

interface ChromaFormat {
  readonly chromaFormatIdc: number;
  readonly lumaDepthMinus8: number;
  readonly chromaDepthMinus8: number;
}

/**
 * Builds the AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1) from the parameter sets among these NAL units; null when
 * there is none of a kind or they make no sense.
 */
export function buildAvcConfig(units: readonly Uint8Array[]): Uint8Array | null {
  const spsUnits = distinct(units.filter((unit) => isOfType(unit, NAL_SPS)));
  const ppsUnits = distinct(units.filter((unit) => isOfType(unit, NAL_PPS)));
  const [sps] = spsUnits;
  if (sps === undefined || sps.length < 4 || spsUnits.length > MAX_SPS) return null;
  if (ppsUnits.length === 0 || ppsUnits.length > MAX_PPS) return null;
  const storedBytes = [...spsUnits, ...ppsUnits].reduce((sum, unit) => sum + 2 + unit.length, 0);
  if (storedBytes > MAX_AVC_CONFIG_BYTES) return null;
  const profile = sps[1] ?? 0;
  const extension: Uint8Array[] = [];
  if (!PROFILES_WITHOUT_CHROMA.has(profile)) {
    const format = readChromaFormat(sps, profile);
    if (format === null) return null;
    // The reserved bits before each value are ones; the last byte says that there are no SPS extensions.
    extension.push(
      Uint8Array.of(0xfc | format.chromaFormatIdc, 0xf8 | format.lumaDepthMinus8, 0xf8 | format.chromaDepthMinus8, 0),
    );
  }
  return concatBytes([
    // Version 1, profile, compatibility flags and level as in the SPS, lengths of 4 bytes.
    Uint8Array.of(1, profile, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe0 | spsUnits.length),
    ...spsUnits.flatMap(withShortLength),
    Uint8Array.of(ppsUnits.length),
    ...ppsUnits.flatMap(withShortLength),
    ...extension,
  ]);
}

function isOfType(unit: Uint8Array, type: number): boolean {
  const head = unit[0] ?? 0;
  // The highest bit is forbidden_zero_bit: set, it says that the unit is damaged.
  return (head & 0x80) === 0 && (head & 0x1f) === type;
}

function distinct(units: readonly Uint8Array[]): Uint8Array[] {
  const byContent = new Map<string, Uint8Array>();
  for (const unit of units) {
    if (unit.length > MAX_AVC_CONFIG_BYTES || byContent.size > MAX_PPS) return [];
    byContent.set(unit.join(), unit);
  }
  return [...byContent.values()];
}

function withShortLength(unit: Uint8Array): [Uint8Array, Uint8Array] {
  return [Uint8Array.of(unit.length >>> 8, unit.length & 0xff), unit];
}

/** Reads what the record repeats of the SPS (ITU-T H.264, 7.3.2.1.1); null when the SPS ends early or says the impossible. */
function readChromaFormat(sps: Uint8Array, profile: number): ChromaFormat | null {
  if (!PROFILES_WITH_CHROMA_IN_SPS.has(profile)) {
    return { chromaFormatIdc: 1, lumaDepthMinus8: 0, chromaDepthMinus8: 0 };
  }
  const bits = createBitReader(withoutEmulationPrevention(sps.subarray(4)));
  bits.readUe(); // seq_parameter_set_id
  const chromaFormatIdc = bits.readUe();
  if (chromaFormatIdc === 3) bits.readBit(); // separate_colour_plane_flag
  const lumaDepthMinus8 = bits.readUe();
  const chromaDepthMinus8 = bits.readUe();
  if (bits.isExhausted() || chromaFormatIdc > 3 || lumaDepthMinus8 > 6 || chromaDepthMinus8 > 6) return null;
  return { chromaFormatIdc, lumaDepthMinus8, chromaDepthMinus8 };
}

function withoutEmulationPrevention(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, at) => !(byte === 3 && at >= 2 && bytes[at - 1] === 0 && bytes[at - 2] === 0));
}

interface BitReader {
  readBit(): number;
  /** An Exp-Golomb code, ue(v); Infinity when no such code is there. */
  readUe(): number;
  /** More was read than there is. */
  isExhausted(): boolean;
}

function createBitReader(bytes: Uint8Array): BitReader {
  let at = 0;
  const readBit = (): number => {
    const bit = ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
    at += 1;
    return bit;
  };
  const readUe = (): number => {
    let zeros = 0;
    while (readBit() === 0) {
      zeros += 1;
      if (zeros > 31) return Number.POSITIVE_INFINITY;
    }
    let value = 1;
    for (let i = 0; i < zeros; i += 1) value = value * 2 + readBit();
    return value - 1;
  };
  return { readBit, readUe, isExhausted: () => at > bytes.length * 8 };
}
