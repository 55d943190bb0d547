import { AppError } from '../../contract/errors.ts';
import type { Ledger } from './recording-ledger.ts';

/** Throws CONFLICT, in words, when the media of a recording are not in its folder. */
export function requireMedia(ledger: Ledger): void {
  if (ledger.model().media.kind === 'here') return;
  throw new AppError('CONFLICT', 'Its files are not on this computer any more.');
}
