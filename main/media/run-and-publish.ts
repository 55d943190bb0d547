import type { FfmpegSpec } from './argv.ts';
import type { MediaExpectation } from './check-media.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { throwIfAborted } from './media-error.ts';
import type { MediaFiles } from './media-files.ts';
import type { MediaProbe } from './probe.ts';
import { progressFraction } from './progress.ts';
import { publishResult, temporaryPathFor } from './publish.ts';

/** Runs FFmpeg into a temporary name and publishes what came out; nothing stays behind when it fails. */
export async function runAndPublish(job: {
  readonly ffmpeg: Ffmpeg;
  readonly files: MediaFiles;
  readonly outputPath: string;
  readonly expectation: MediaExpectation;
  readonly argvFor: (outputPath: string) => FfmpegSpec;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
}): Promise<MediaProbe> {
  const tempPath = temporaryPathFor(job.outputPath);
  try {
    await job.ffmpeg.run(job.argvFor(tempPath), {
      signal: job.signal,
      onProgress: (progress) => job.onProgress?.(progressFraction(progress, job.expectation.durationMs)),
    });
    throwIfAborted(job.signal, 'FFmpeg');
  } catch (error) {
    await job.files.remove(tempPath);
    throw error;
  }
  return publishResult(tempPath, job.outputPath, job.expectation, job.files);
}
