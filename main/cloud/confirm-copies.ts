import { AppError } from '../../contract/errors.ts';
import type { OpenRecording } from '../recording/recordings.ts';
import type { TargetCache } from './target-cache.ts';

/** How long a bucket has to answer for all files of a recording. */
const LIMIT_MS = 30_000;

/** Why the copies in the bucket cannot be relied on, in words; `silent`: the bucket did not answer, whatever it is asked. */
export type Unconfirmed = { because: string; silent: boolean };

const SILENT: Unconfirmed = { because: 'Your bucket could not be asked whether it still has it.', silent: true };
const MISSING: Unconfirmed = { because: 'Not all of its files are in your bucket any more.', silent: false };

/**
 * Asks the bucket whether what was verified is still there: somebody may have deleted it there by other means. Null when all
 * are there. A file that is gone is journaled as failed.
 */
export async function confirmCopies(targets: TargetCache, open: OpenRecording): Promise<Unconfirmed | null> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  let unconfirmed: Unconfirmed | null = null;
  for (const { uploadId, state, key, sizeBytes, destination } of open.cloud().files) {
    if (state !== 'verified') continue;
    let foundBytes: number | null;
    try {
      foundBytes = await targets.use(destination, (target) => target.sizeBytes(key, { signal }));
    } catch (error) {
      if (error instanceof AppError) return SILENT;
      throw error;
    }
    if (foundBytes === sizeBytes) continue;
    unconfirmed = MISSING;
    const message =
      foundBytes === null ? 'The file is not in the bucket any more.' : 'Another file is in its place in the bucket.';
    const error = { code: 'CLOUD_OBJECT_MISSING' as const, message, retryable: true };
    await open.record({ kind: 'cloudFailed', uploadId, error }, { announce: true });
  }
  return unconfirmed;
}
