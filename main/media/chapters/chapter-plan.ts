import { MediaError } from '../media-error.ts';

/** One change of a file; each is on the disk before the next one begins. */
export type ChapterStep =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly sizeBytes: number };

/**
 * How to give a file its chapters. After every step, and after half of one, the file is playable with all its media; the plan
 * that is made then leads to the same last byte. No steps: the file has these chapters already.
 */
export type ChapterPlan = { readonly steps: readonly ChapterStep[]; readonly sizeBytes: number };

/** Why a file gets no chapters: `unfinished` and `cut` may change, the others say that it is not one of our making. */
export type ChapterRefusal = 'unfinished' | 'cut' | 'layout' | 'unknown';

/** The typed error of a file that cannot get chapters; it was not changed. */
export function refuseChapters(reason: ChapterRefusal, message: string): MediaError {
  return new MediaError('RESULT_INVALID', `Chapters cannot be put into this file: ${message}.`, {
    retryable: false,
    details: { reason },
  });
}

/** Whether two byte arrays are the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Whether bytes are the first ones of what is expected, as far as they go; a write that was cut leaves such a start. */
export function isStartOf(bytes: Uint8Array, expected: Uint8Array): boolean {
  return bytes.subarray(0, expected.length).every((byte, index) => byte === expected[index]);
}
