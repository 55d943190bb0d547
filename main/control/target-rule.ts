import { AppError } from '../../contract/errors.ts';

/**
 * Refuses a target that is not a path. The absolute form (RFC 9112, 3.2.2) would name another host than the one that was checked,
 * and no program speaks it to a server that is no proxy. A fragment never leaves a program (RFC 9110, 4.2.5); the router would cut
 * it off and take the rest for what was asked.
 */
export function targetRefusal(target: string): AppError | null {
  const isPath = target.startsWith('/') && !target.includes('#');
  return isPath ? null : new AppError('INVALID_INPUT', 'The target of the request must be a path.');
}
