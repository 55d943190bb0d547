import { z } from 'zod';

/** Every error a person or a program can be told about; screens turn each code into a sentence with a next step. */
export const errorCodeSchema = z.enum([
  // any door
  'INVALID_INPUT',
  'UNKNOWN_REQUEST',
  'UNTRUSTED_SENDER',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
  'ABORTED',
  'INTERNAL',
  // the control API
  'UNAUTHORIZED',
  'FORBIDDEN',
  'PAYLOAD_TOO_LARGE',
  'CONTROL_PORT_TAKEN',
  // calls
  'INVITE_INVALID',
  'INVITE_EXPIRED',
  'CALL_NOT_FOUND',
  'CALL_FULL',
  'CALL_ENDED',
  'REMOVED_FROM_CALL',
  'ALREADY_IN_CALL',
  'NOT_IN_CALL',
  'NOT_HOST',
  'SIGNALING_UNREACHABLE',
  'SIGNALING_REFUSED',
  'SIGNALING_PORT_TAKEN',
  // devices (found by the renderer)
  'DEVICE_MISSING',
  'DEVICE_BUSY',
  'DEVICE_BLOCKED',
  // recordings
  'RECORDING_NOT_FOUND',
  'RECORDING_RUNNING',
  'RECORDING_NOT_RUNNING',
  'RECORDING_BUSY',
  'TRACK_UNKNOWN',
  'SEGMENT_CLOSED',
  'CHUNK_GAP',
  'CHUNK_CORRUPT',
  'CHUNK_TOO_LARGE',
  'FOLDER_UNWRITABLE',
  'FOLDER_IN_USE',
  'DISK_FULL',
  'DISK_FAILED',
  // media
  'MEDIA_UNREADABLE',
  'FFMPEG_MISSING',
  'FFMPEG_FAILED',
  'FFMPEG_STALLED',
  'RESULT_INVALID',
  'NO_PICTURE',
  // cloud: the way
  'CLOUD_UNREACHABLE',
  'CLOUD_BUSY',
  // cloud: who and where
  'CLOUD_NOT_SET_UP',
  'CLOUD_KEY_WRONG',
  'CLOUD_FORBIDDEN',
  'CLOUD_BUCKET_MISSING',
  'CLOUD_CLOCK_WRONG',
  'CLOUD_CREDENTIALS_INVALID',
  // cloud: what
  'CLOUD_UPLOAD_GONE',
  'CLOUD_OBJECT_MISSING',
  'CLOUD_CONTENT_DIFFERS',
  'CLOUD_REFUSED',
  'SOURCE_CHANGED',
  'SECRETS_UNAVAILABLE',
]);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

/** Facts that a program needs to go on after an error (for example the next sequence number wanted). */
const errorDetailsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export const errorShapeSchema = z.object({
  code: errorCodeSchema,
  message: z.string().max(2000),
  retryable: z.boolean(),
  details: errorDetailsSchema.optional(),
});
export type ErrorShape = z.infer<typeof errorShapeSchema>;

/** How the outcome of a request crosses a boundary: as a value, never as a thrown stack (DESIGN rule 8). */
export type Result<T> = { ok: true; value: T } | { ok: false; error: ErrorShape };

/** The one error class that carries a typed code inside a process. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: ErrorShape['details'];

  constructor(
    code: ErrorCode,
    message: string,
    options: { retryable?: boolean; details?: ErrorShape['details']; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details;
  }
}

/** Turns anything thrown into the shape that may cross a boundary; unknown errors lose their text on purpose. */
export function toErrorShape(error: unknown): ErrorShape {
  if (error instanceof AppError) {
    return {
      code: error.code,
      message: error.message,
      retryable: error.retryable,
      ...(error.details === undefined ? {} : { details: error.details }),
    };
  }
  return { code: 'INTERNAL', message: 'Something went wrong inside the app.', retryable: false };
}

/** Proves to the compiler that every kind of a union was handled. Of the value only its kind is told: it may hold a secret. */
export function assertNever(value: never): never {
  const told: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'kind') : typeof value;
  throw new AppError('INTERNAL', `Unhandled case: ${String(told)}`);
}
