import { basename, dirname, join } from 'node:path';
import { checkMedia } from './check-media.ts';
import type { MediaExpectation } from './check-media.ts';
import type { JpegInfo } from './jpeg.ts';
import { MediaError, messageOf } from './media-error.ts';
import type { MediaFiles } from './media-files.ts';
import { probeJpeg, probeMedia } from './probe.ts';
import type { MediaProbe } from './probe.ts';

/** How a file that is not finished is called; whatever is found with such a name at launch may be removed. */
export const temporarySuffix = '.partial';

/** The temporary name of a result: in the same folder, because only there a rename is atomic. */
export function temporaryPathFor(finalPath: string): string {
  return join(dirname(finalPath), `.${basename(finalPath)}${temporarySuffix}`);
}

/**
 * Gives a media file its final name once it was probed, is as expected and is on the disk; otherwise removes it and
 * rejects with RESULT_INVALID.
 */
export async function publishResult(
  tempPath: string,
  finalPath: string,
  expectation: MediaExpectation,
  files: MediaFiles,
): Promise<MediaProbe> {
  return publish(tempPath, finalPath, files, async () => {
    const probe = await probeMedia(tempPath);
    const wrong = checkMedia(probe, expectation);
    if (wrong.length > 0) throw invalid(`The result is not as expected: ${wrong.join(', ')}.`, finalPath);
    return probe;
  });
}

/** The same for a JPEG of a given width. */
export async function publishJpeg(
  tempPath: string,
  finalPath: string,
  expectation: { readonly widthPx: number },
  files: MediaFiles,
): Promise<JpegInfo & { readonly sizeBytes: number }> {
  return publish(tempPath, finalPath, files, async () => {
    const probe = await probeJpeg(tempPath);
    if (probe.widthPx !== expectation.widthPx) {
      throw invalid(`The picture is ${probe.widthPx} px wide, not ${expectation.widthPx}.`, finalPath);
    }
    return probe;
  });
}

async function publish<Probe>(
  tempPath: string,
  finalPath: string,
  files: MediaFiles,
  examine: () => Promise<Probe>,
): Promise<Probe> {
  let probe: Probe;
  try {
    probe = await examine();
  } catch (error) {
    await files.remove(tempPath);
    throw error;
  }
  try {
    await files.syncFile(tempPath);
    await files.renameDurably(tempPath, finalPath);
  } catch (error) {
    throw new MediaError('RESULT_INVALID', `The result could not be kept: ${messageOf(error)}`, {
      retryable: true,
      details: { reason: 'disk', file: basename(finalPath) },
      cause: error,
    });
  }
  return probe;
}

function invalid(message: string, finalPath: string): MediaError {
  return new MediaError('RESULT_INVALID', message, {
    retryable: true,
    details: { reason: 'unexpected', file: basename(finalPath) },
  });
}
