import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { checkMedia } from './check-media.ts';
import type { MediaExpectation } from './check-media.ts';
import { isWholeFile } from './whole-file.ts';
import type { JpegInfo } from './jpeg.ts';
import { MediaError, messageOf } from './media-error.ts';
import type { MediaFiles } from './media-files.ts';
import { probeJpeg, probeMedia } from './probe.ts';
import type { MediaProbe } from './probe.ts';

/**
 * A temporary name for a result: in the same folder, because only there a rename is atomic, and another one each time, so that
 * a program that outlived its run can never write into what a later run makes.
 */
export function temporaryPathFor(finalPath: string, token: string = randomBytes(8).toString('hex')): string {
  return join(dirname(finalPath), `.${basename(finalPath)}.${token}.partial`);
}

/** Whether a file has such a name; what is found with one at launch was never finished and may be removed. */
function isTemporaryName(name: string): boolean {
  return /^\..+\.partial$/.test(name);
}

/** Removes what earlier runs left unfinished in a folder; what cannot be removed stays. Returns how many files went. */
export async function sweepPartials(folder: string, files: MediaFiles): Promise<number> {
  const names = (await files.fileNames(folder)).filter(isTemporaryName);
  const removed = await Promise.allSettled(names.map((name) => files.remove(join(folder, name))));
  return removed.filter((outcome) => outcome.status === 'fulfilled').length;
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
    const wrong = [...checkMedia(probe, expectation)];
    if (!(await isWholeFile(tempPath, probe.container))) wrong.push('it is cut off');
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
    throw asInvalid(error, finalPath);
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

/** A file that cannot be read is the end of a source, but not of a result: that is made again. */
function asInvalid(error: unknown, finalPath: string): unknown {
  if (!(error instanceof MediaError) || error.retryable) return error;
  return new MediaError(error.code, `The result is of no use: ${error.message}`, {
    retryable: true,
    details: { ...error.details, file: basename(finalPath) },
    cause: error,
  });
}

function invalid(message: string, finalPath: string): MediaError {
  return new MediaError('RESULT_INVALID', message, {
    retryable: true,
    details: { reason: 'unexpected', file: basename(finalPath) },
  });
}
