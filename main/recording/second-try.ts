import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../contract/errors.ts';
import type { ErrorCode } from '../../contract/errors.ts';

// What may be the fault of a moment, or of a program that went away since it was found: then another one may be there. A disk
// that is full stays so.
const worthTrying: ReadonlySet<ErrorCode> = new Set([
  'FFMPEG_MISSING',
  'FFMPEG_FAILED',
  'FFMPEG_STALLED',
  'RESULT_INVALID',
]);

/** Does the work, and once more after a pause when it failed in a way that may pass; rejects with an AppError. */
export async function twice<T>(
  work: () => Promise<T>,
  { signal, pauseMs }: { signal: AbortSignal; pauseMs: number },
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const mayPass = error instanceof AppError && error.retryable && worthTrying.has(error.code);
    if (!mayPass || signal.aborted) throw error;
  }
  try {
    await delay(pauseMs, undefined, { signal });
  } catch {
    throw new AppError('ABORTED', 'It was given up between two tries.', { retryable: true });
  }
  return work();
}
