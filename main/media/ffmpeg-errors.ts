import { MediaError, messageOf } from './media-error.ts';

/** The error of a program that could not be started. */
export function launchError(ffmpegPath: string, error: unknown): MediaError {
  return new MediaError('FFMPEG_MISSING', `FFmpeg could not be started: ${messageOf(error)}`, {
    // It may be installed or put right by then.
    retryable: true,
    details: { path: ffmpegPath },
    cause: error,
  });
}

/** The error of a run that ended by itself and badly. */
export function failedError(
  code: number | null,
  signal: NodeJS.Signals | null,
  stderrTail: readonly string[],
): MediaError {
  const how = signal === null ? `with exit code ${code ?? 'unknown'}` : `by ${signal}`;
  const said = stderrTail.at(-1);
  return new MediaError('FFMPEG_FAILED', `FFmpeg ended ${how}${said === undefined ? '.' : `: ${said}`}`, {
    retryable: true,
    details: {
      ...(code === null ? {} : { exitCode: code }),
      ...(signal === null ? {} : { signal }),
      stderrTail: stderrTail.join('\n'),
    },
  });
}

/** The error of a run that no longer got on, or took too long. */
export function stalledError(message: string, stderrTail: readonly string[]): MediaError {
  return new MediaError('FFMPEG_STALLED', message, {
    retryable: true,
    details: { stderrTail: stderrTail.join('\n') },
  });
}

/** The error of a run that did nothing but talk. */
export function floodError(bytes: number, stderrTail: readonly string[]): MediaError {
  return new MediaError('FFMPEG_FAILED', `FFmpeg wrote ${bytes} bytes of messages without getting on.`, {
    retryable: true,
    details: { stderrTail: stderrTail.join('\n') },
  });
}
