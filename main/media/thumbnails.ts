import { join } from 'node:path';
import { thumbnailArgs } from './argv.ts';
import type { SourceContainer } from './argv.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { MediaError, throwIfAborted } from './media-error.ts';
import type { MediaFiles } from './media-files.ts';
import { provePictures } from './picture-proof.ts';
import { probeMedia } from './probe.ts';
import type { ProcessIdentity } from './processes.ts';
import { publishJpeg, temporaryPathFor } from './publish.ts';

/** A picture of a recording and the time it was asked for. */
export type Thumbnail = { readonly path: string; readonly atMs: number };

export type ThumbnailsResult =
  | { readonly kind: 'made'; readonly thumbnails: readonly Thumbnail[] }
  /** The source has no picture at all (sound only), so there is nothing to show. */
  | { readonly kind: 'noPicture' };

export type ThumbnailsRequest = {
  readonly ffmpeg: Ffmpeg;
  readonly files: MediaFiles;
  readonly sourcePath: string;
  /** Receives 1.jpg to 5.jpg. */
  readonly directory: string;
  readonly signal?: AbortSignal | undefined;
  /** The done part, 0..1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  readonly onProcess?: ((identity: ProcessIdentity) => void) | undefined;
};

const fractions = [0.1, 0.3, 0.5, 0.7, 0.9] as const;
const widthPx = 640;
const parallel = 2;
const oneTimeoutMs = 60_000;

/** The times of the five pictures of a file that lasts `durationMs`; a length that nobody knows counts as zero. */
export function thumbnailTimesMs(durationMs: number | null): readonly number[] {
  const known = durationMs !== null && Number.isFinite(durationMs) && durationMs > 0 ? durationMs : 0;
  return fractions.map((fraction) => Math.round(known * fraction));
}

/** Where to look for a picture, best first: the picture may end before the sound, or hold a single frame. */
export function thumbnailAttemptsMs(atMs: number): readonly number[] {
  return [...new Set([atMs, Math.round(atMs * 0.5), 0])];
}

/** Makes five JPEGs, 640 px wide, at 10, 30, 50, 70 and 90 % of the source, two at a time. */
export async function makeThumbnails(request: ThumbnailsRequest): Promise<ThumbnailsResult> {
  throwIfAborted(request.signal, 'The thumbnails');
  const probe = await probeMedia(request.sourcePath);
  if (!probe.tracks.some((track) => track.kind === 'video')) return { kind: 'noPicture' };
  await request.files.makeDirectory(request.directory);

  const wanted = thumbnailTimesMs(probe.durationMs).map((atMs, index) => ({
    atMs,
    path: join(request.directory, `${index + 1}.jpg`),
  }));
  const failed = new AbortController();
  const signal = request.signal === undefined ? failed.signal : AbortSignal.any([request.signal, failed.signal]);
  const waiting = wanted.values();
  const thumbnails: Thumbnail[] = [];
  const work = async (): Promise<void> => {
    // Workers share one iterator, so each picture is taken by one of them.
    for (const one of waiting) {
      thumbnails.push(await makeOne(request, probe.container, one, signal));
      request.onProgress?.(thumbnails.length / wanted.length);
    }
  };
  const workers = Array.from({ length: parallel }, async () => {
    try {
      await work();
    } catch (error) {
      failed.abort();
      throw error;
    }
  });
  const outcomes = await Promise.allSettled(workers);
  throwIfAborted(request.signal, 'The thumbnails');
  // The first real failure, not the aborts that it caused.
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  const cause = reasons.find((reason) => !isAbort(reason)) ?? reasons[0];
  if (cause !== undefined) throw cause;
  return { kind: 'made', thumbnails: thumbnails.sort((a, b) => a.path.localeCompare(b.path)) };
}

async function makeOne(
  request: ThumbnailsRequest,
  container: SourceContainer,
  wanted: Thumbnail,
  signal: AbortSignal,
): Promise<Thumbnail> {
  const tempPath = temporaryPathFor(wanted.path);
  const source = { path: request.sourcePath, container };
  try {
    for (const atMs of thumbnailAttemptsMs(wanted.atMs)) {
      const spec = thumbnailArgs({ source, atMs, widthPx, outputPath: tempPath });
      try {
        await request.ffmpeg.run(spec, { signal, timeoutMs: oneTimeoutMs, onProcess: request.onProcess });
      } catch (error) {
        // Past the last picture some versions of FFmpeg fail and others end well with nothing: try earlier.
        if (!(error instanceof MediaError) || error.code !== 'FFMPEG_FAILED' || atMs === 0) throw error;
        continue;
      }
      if (((await request.files.sizeBytes(tempPath)) ?? 0) === 0) continue;
      await publishJpeg(tempPath, wanted.path, { widthPx }, request.files);
      return { path: wanted.path, atMs };
    }
  } catch (error) {
    await request.files.remove(tempPath);
    throw error;
  }
  await request.files.remove(tempPath);
  await provePictures({ ffmpeg: request.ffmpeg, files: request.files, directory: request.directory, signal });
  throw new MediaError('NO_PICTURE', 'The file announces a picture but holds none that can be shown.', {
    retryable: false,
  });
}

function isAbort(reason: unknown): boolean {
  return reason instanceof MediaError && reason.code === 'FFMPEG_ABORTED';
}
