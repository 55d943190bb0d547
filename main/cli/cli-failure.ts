import type { ControlError } from '../../contract/control.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** What goes wrong on this side of the control API. */
type OwnCode = 'MISUSE' | 'APP_NOT_RUNNING' | 'CONTROL_FILE_UNSAFE' | 'APP_UNREACHABLE' | 'FILE_EXISTS' | 'FILE_FAILED';

export type FailureCode = OwnCode | ErrorCode;
type Details = ControlError['error']['details'];

/** Why a command did not do what was asked: for people in words, for programs by its code. */
export class CliFailure extends Error {
  readonly code: FailureCode;
  readonly details: Details;

  constructor(code: FailureCode, message: string, details?: Details) {
    super(message);
    this.name = 'CliFailure';
    this.code = code;
    this.details = details;
  }
}

/** The person pressed Ctrl+C; there is nothing to tell. */
export class Interrupted extends Error {}

const EXIT_CODES: Partial<Record<FailureCode, ExitCode>> = {
  MISUSE: EXIT.misuse,
  APP_NOT_RUNNING: EXIT.notRunning,
  CONTROL_FILE_UNSAFE: EXIT.notRunning,
  APP_UNREACHABLE: EXIT.unreachable,
  UNAUTHORIZED: EXIT.notAllowed,
  FORBIDDEN: EXIT.notAllowed,
  NOT_HOST: EXIT.notAllowed,
};

/** The exit code of a failure: what is not listed is a refusal of the app. */
export function exitCodeOf(code: FailureCode): ExitCode {
  return EXIT_CODES[code] ?? EXIT.refused;
}

/** The failure in the control API's own envelope. */
export function failureEnvelope(failure: CliFailure): unknown {
  const { code, message, details } = failure;
  return { success: false, error: { code, message, ...(details === undefined ? {} : { details }) } };
}
