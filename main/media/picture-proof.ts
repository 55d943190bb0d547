import { join } from 'node:path';
import { drawnPictureArgs } from './argv.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { MediaError } from './media-error.ts';
import type { MediaFiles } from './media-files.ts';
import { probeJpeg } from './probe.ts';
import { temporaryPathFor } from './publish.ts';

const widthPx = 16;
const heightPx = 16;
const timeoutMs = 60_000;

/**
 * Has FFmpeg make a picture of bytes that certainly are one; rejects when it does not. A file without pictures is a final
 * answer, so a program that ends well and writes nothing must not be believed when it gives it.
 */
export async function provePictures(options: {
  readonly ffmpeg: Ffmpeg;
  readonly files: MediaFiles;
  readonly directory: string;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const outputPath = temporaryPathFor(join(options.directory, 'proof.jpg'));
  try {
    await options.ffmpeg.run(drawnPictureArgs({ widthPx, heightPx, outputPath }), {
      signal: options.signal,
      timeoutMs,
    });
    const made = await probeJpeg(outputPath);
    if (made.widthPx !== widthPx) throw unreliable();
  } catch (error) {
    if (error instanceof MediaError && error.code !== 'RESULT_INVALID') throw error;
    throw unreliable(error);
  } finally {
    await options.files.remove(outputPath);
  }
}

function unreliable(cause?: unknown): MediaError {
  return new MediaError('FFMPEG_FAILED', 'FFmpeg ends as if all were well, but makes no pictures.', {
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}
