import type { ConnectionTest } from '../../contract/cloud.ts';
import { assertNever, type ErrorCode } from '../../contract/errors.ts';
import { errorWords, type ErrorWords } from '../ui/error-words.ts';

type Failed = Extract<ConnectionTest, { kind: 'fails' }>;

/** A test that went well. */
export function worksWords({ tookMs }: Extract<ConnectionTest, { kind: 'works' }>): string {
  return `Works: written, read back and deleted in ${(Math.max(100, tookMs) / 1000).toFixed(1)} s.`;
}

/** How far the test came. */
export function stepWords(step: Failed['step']): string {
  switch (step) {
    case 'setUp':
      return 'Nothing was sent.';
    case 'write':
      return 'A small test file could not be written.';
    case 'read':
      return 'A small test file was written, but could not be read back.';
    case 'compare':
      return 'A small test file was written, but something else came back.';
    case 'delete':
      return 'A small test file was written and read back, but could not be deleted.';
    default:
      return assertNever(step);
  }
}

/** Next steps that fit someone who is looking at the settings. */
const nextSteps: Partial<Record<ErrorCode, string>> = {
  CLOUD_UNREACHABLE: 'Check the network, the region and the address of the server.',
  CLOUD_BUSY: 'Try again in a moment.',
  CLOUD_NOT_SET_UP: 'Give a bucket and credentials first.',
  CLOUD_KEY_WRONG: 'Replace the key by the right one.',
};

/** A test that failed: what is wrong, how far it came, and what to do. The settings are open already, so no button leads there. */
export function failsWords({ step, error }: Failed): ErrorWords {
  const { sentence, nextStep } = errorWords(error.code);
  return { sentence, nextStep: `${stepWords(step)} ${nextSteps[error.code] ?? nextStep}`, help: null };
}
