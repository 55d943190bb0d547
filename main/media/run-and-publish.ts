import type { FfmpegSpec } from './argv.ts';
import type { MediaExpectation } from './check-media.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { throwIfAborted } from './media-error.ts';
import type { MediaFiles } from './media-files.ts';
import type { MediaProbe } from './probe.ts';
import type { ProcessIdentity } from './processes.ts';
import { progressFraction } from './progress.ts';
import { publishResult, temporaryPathFor } from './publish.ts';

// One hour of sound takes about one minute of one core to encode (measured with FFmpeg 5.1); a program that reports progress
// for ever must end some time, and a slow machine must not be the reason.
const shortestLimitMs = 10 * 60_000;
const unknownDurationMs = 24 * 3_600_000;

/** How long FFmpeg may take for a result of that length before it counts as stalled. */
function longestRunMs(durationMs: number | null): number {
  return shortestLimitMs + (durationMs ?? unknownDurationMs);
}

/** Runs FFmpeg into a temporary name and publishes what came out; nothing stays behind when it fails. */
export async function runAndPublish(job: {
  readonly ffmpeg: Ffmpeg;
  readonly files: MediaFiles;
  readonly outputPath: string;
  readonly expectation: MediaExpectation;
  readonly argvFor: (outputPath: string) => FfmpegSpec;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((fraction: number) => void) | undefined;
  readonly onProcess?: ((identity: ProcessIdentity) => void) | undefined;
}): Promise<MediaProbe> {
  const tempPath = temporaryPathFor(job.outputPath);
  try {
    await job.ffmpeg.run(job.argvFor(tempPath), {
      signal: job.signal,
      timeoutMs: longestRunMs(job.expectation.durationMs),
      onProcess: job.onProcess,
      onProgress: (progress) => job.onProgress?.(progressFraction(progress, job.expectation.durationMs)),
    });
    throwIfAborted(job.signal, 'FFmpeg');
  } catch (error) {
    await job.files.remove(tempPath);
    throw error;
  }
  return publishResult(tempPath, job.outputPath, job.expectation, job.files);
}
