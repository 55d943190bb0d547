import { liveMp4Args } from './argv.ts';
import { fed, freshFedWatch, reported } from './fed-watch.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { systemMediaClock } from './media-clock.ts';
import type { MediaClock } from './media-clock.ts';
import { MediaError, abortedError } from './media-error.ts';
import type { MediaFiles } from './media-files.ts';
import type { ProcessIdentity } from './processes.ts';

/** What became of an MP4 made while recording. */
export type LiveMp4Result =
  | { readonly kind: 'closed'; readonly tempPath: string; readonly writtenBytes: number }
  /** Nothing usable; the recording itself is untouched and the MP4 can be made from its segments. */
  | { readonly kind: 'abandoned'; readonly error: MediaError };

/** An MP4 growing beside a recording, from the same bytes. */
export type LiveMp4 = {
  readonly pid: number | null;
  readonly startedAtMs: number;
  readonly tempPath: string;
  /**
   * Takes the next durable bytes (they must not be changed afterwards) and returns at once; false when the MP4 is no
   * longer being made.
   */
  readonly write: (bytes: Uint8Array) => boolean;
  /** Says that no more bytes come, waits for FFmpeg to end, and tells what became of the file; never rejects. */
  readonly finish: (options?: { signal?: AbortSignal }) => Promise<LiveMp4Result>;
  /** Gives the MP4 up, ends FFmpeg and removes the file. */
  readonly abort: () => Promise<void>;
};

export type LiveMp4Config = {
  readonly ffmpeg: Ffmpeg;
  readonly files: MediaFiles;
  readonly outputTempPath: string;
  /** Bytes that may wait for FFmpeg before it is given up. */
  readonly maxQueuedBytes?: number | undefined;
  /** While recording: given up when it was fed for this long and its result did not grow. */
  readonly fedStallMs?: number | undefined;
  /** After finish: given up when FFmpeg does not get on for this long. */
  readonly closeStallMs?: number | undefined;
  /** After finish: given up when it takes longer than this. */
  readonly closeTimeoutMs?: number | undefined;
  readonly clock?: MediaClock | undefined;
  readonly onProcess?: ((identity: ProcessIdentity) => void) | undefined;
  /** Called once when the MP4 is given up before finish was asked for. */
  readonly onAbandoned?: ((error: MediaError) => void) | undefined;
};

// About six minutes of a 1.5 Mbit/s mix: longer than any hiccup, small beside the memory of a meeting machine.
const defaultMaxQueuedBytes = 64 * 1024 * 1024;
const defaultFedStallMs = 30_000;
const defaultCloseStallMs = 15_000;
// What may wait for it is six minutes of sound to encode.
const defaultCloseTimeoutMs = 6 * 60_000;

type Phase = 'open' | 'finishing' | 'ended';

/** Starts FFmpeg on a growing MP4; whatever happens to it, `write` neither waits nor throws. */
export function createLiveMp4(config: LiveMp4Config): LiveMp4 {
  const { files, outputTempPath } = config;
  const maxQueuedBytes = config.maxQueuedBytes ?? defaultMaxQueuedBytes;
  const fedStallMs = config.fedStallMs ?? defaultFedStallMs;
  const clock = config.clock ?? systemMediaClock;
  let watch = freshFedWatch;
  // Silence on the input is normal while recording (a pause): until the end only the time of being fed is watched.
  const process = config.ffmpeg.start(liveMp4Args({ outputPath: outputTempPath }), {
    stallMs: null,
    onProcess: config.onProcess,
    onProgress: ({ outTimeMs, totalSizeBytes }) => {
      watch = reported(watch, `${outTimeMs} ${totalSizeBytes}`);
    },
  });
  let phase: Phase = 'open';
  let writtenBytes = 0;

  const giveUp = (error: MediaError): void => {
    process.kill(error);
    if (phase !== 'open') return;
    phase = 'ended';
    config.onAbandoned?.(error);
  };

  const result: Promise<LiveMp4Result> = process.done.then(async (outcome) => {
    const wasFinishing = phase === 'finishing';
    if (outcome.ok && wasFinishing) {
      phase = 'ended';
      return { kind: 'closed', tempPath: outputTempPath, writtenBytes };
    }
    const error = outcome.ok ? endedEarlyError() : outcome.error;
    giveUp(error);
    phase = 'ended';
    await removeQuietly(files, outputTempPath);
    return { kind: 'abandoned', error };
  });

  return {
    pid: process.pid,
    startedAtMs: process.startedAtMs,
    tempPath: outputTempPath,
    write: (bytes) => {
      if (phase !== 'open' || process.stdin === null) return false;
      if (process.stdin.writableLength + bytes.byteLength > maxQueuedBytes) {
        giveUp(fellBehindError(process.stdin.writableLength));
        return false;
      }
      watch = fed(watch, clock.nowMs());
      if (watch.fedMs > fedStallMs) {
        giveUp(stoodStillError(watch.fedMs));
        return false;
      }
      // A stream that has just broken swallows this; the end of the process is on its way and tells why.
      process.stdin.write(bytes);
      writtenBytes += bytes.byteLength;
      return true;
    },
    finish: async (options = {}) => {
      const { signal } = options;
      if (phase === 'open') {
        phase = 'finishing';
        process.stdin?.end();
        process.limit({
          stallMs: config.closeStallMs ?? defaultCloseStallMs,
          timeoutMs: config.closeTimeoutMs ?? defaultCloseTimeoutMs,
        });
      }
      const onAbort = (): void => process.kill(abortedError('The MP4'));
      if (signal?.aborted) onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        return await result;
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
    abort: async () => {
      // Asked for by the caller: it needs no telling.
      if (phase === 'open') phase = 'ended';
      process.kill(abortedError('The MP4'));
      const ended = await result;
      if (ended.kind === 'closed') await removeQuietly(files, outputTempPath);
    },
  };
}

async function removeQuietly(files: MediaFiles, path: string): Promise<void> {
  try {
    await files.remove(path);
  } catch {
    // It has a temporary name and is swept at the next launch; the outcome to report is the one already known.
  }
}

function fellBehindError(queuedBytes: number): MediaError {
  return new MediaError('FFMPEG_STALLED', 'FFmpeg fell too far behind the recording.', {
    retryable: true,
    details: { queuedBytes },
  });
}

function stoodStillError(fedMs: number): MediaError {
  return new MediaError('FFMPEG_STALLED', `FFmpeg took the recording for ${fedMs} ms and made nothing of it.`, {
    retryable: true,
  });
}

function endedEarlyError(): MediaError {
  return new MediaError('FFMPEG_FAILED', 'FFmpeg ended while the recording went on.', {
    retryable: true,
    details: { exitCode: 0 },
  });
}
