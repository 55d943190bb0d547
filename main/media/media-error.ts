/** What can go wrong around FFmpeg and the files it makes; contract/errors.ts holds the sentences for screens. */
export type MediaErrorCode =
  | 'FFMPEG_MISSING'
  | 'FFMPEG_FAILED'
  | 'FFMPEG_STALLED'
  | 'FFMPEG_ABORTED'
  | 'RESULT_INVALID'
  | 'NO_PICTURE';

/** Flat facts beside the message, in the shape that may cross a process boundary. */
export type MediaErrorDetails = { readonly [name: string]: string | number | boolean };

/** The one error class thrown by main/media, carrying a typed code. */
export class MediaError extends Error {
  readonly code: MediaErrorCode;
  readonly retryable: boolean;
  readonly details: MediaErrorDetails;

  constructor(
    code: MediaErrorCode,
    message: string,
    options: { retryable: boolean; details?: MediaErrorDetails; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MediaError';
    this.code = code;
    this.retryable = options.retryable;
    this.details = options.details ?? {};
  }
}

/** The error of every operation that its caller gave up. */
export function abortedError(what: string): MediaError {
  return new MediaError('FFMPEG_ABORTED', `${what} was given up before it was done.`, { retryable: true });
}

/** Throws the FFMPEG_ABORTED error when the signal has fired; `what` names the work in its message. */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw abortedError(what);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
