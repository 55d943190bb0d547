import { AppError } from '../../contract/errors.ts';
import { fileErrorCode } from './ports.ts';

/** Turns a failed file operation into the typed error that a person is told. */
export function diskError(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error;
  switch (fileErrorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new AppError('DISK_FULL', `The disk is full: ${what}.`, { retryable: true, cause: error });
    case null:
      return new AppError('INTERNAL', `Something went wrong inside the app: ${what}.`, { cause: error });
    default:
      return new AppError('DISK_FAILED', `The disk refused it (${fileErrorCode(error)}): ${what}.`, {
        retryable: true,
        cause: error,
      });
  }
}
