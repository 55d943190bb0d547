import type { ControlStatus } from '../../contract/control.ts';
import { CONTROL_HOST } from '../../contract/control.ts';
import { assertNever } from '../../contract/errors.ts';
import { errorWords, type ErrorWords } from '../ui/error-words.ts';

/** The switch that turns the control API on for one run, whatever the settings say. */
export const CONTROL_ARGUMENT = '--control-port';

/** How the control API is, in one line; null when it failed, which takes more words. */
export function controlLine({ state, port }: ControlStatus): string | null {
  switch (state) {
    case 'off':
      return 'Off: no program can use Tallylight.';
    case 'starting':
      return 'Starting';
    case 'on':
      return port === null ? 'On.' : `On at http://${CONTROL_HOST}:${port}.`;
    case 'failed':
      return null;
    default:
      return assertNever(state);
  }
}

/** Why programs cannot use the app, and what helps; null when nothing is wrong. */
export function controlFailure({ state, error, byArgument }: ControlStatus): ErrorWords | null {
  if (state !== 'failed') return null;
  if (error?.code !== 'CONTROL_PORT_TAKEN') {
    return {
      sentence: 'Programs cannot reach Tallylight: it could not begin to listen to them.',
      nextStep: 'Try again, or restart the app. Calls and recordings are not touched by this.',
      help: { kind: 'retry', label: 'Try again' },
    };
  }
  const words = errorWords(error.code);
  if (!byArgument) return words;
  return {
    ...words,
    nextStep: `Start Tallylight with another number for ${CONTROL_ARGUMENT}, or with 0 for a port that is free. Calls and recordings are not touched by this.`,
    help: null,
  };
}
