import { expect, test } from 'vitest';
import { AppError } from '../../contract/errors.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import { twice } from '../../main/recording/second-try.ts';

const never = new AbortController().signal;

/** Work that fails so often with such an error and then gives its number of tries. */
function failing(times: number, code: ErrorCode, retryable: boolean) {
  let tries = 0;
  return {
    tries: () => tries,
    work: async (): Promise<number> => {
      tries += 1;
      if (tries <= times) throw new AppError(code, 'no', { retryable });
      return tries;
    },
  };
}

test.each(['FFMPEG_MISSING', 'FFMPEG_FAILED', 'FFMPEG_STALLED', 'RESULT_INVALID'] as const)(
  '%s is tried once more',
  async (code) => {
    expect(await twice(failing(1, code, true).work, { signal: never, pauseMs: 0 })).toBe(2);
    const hopeless = failing(9, code, true);
    await expect(twice(hopeless.work, { signal: never, pauseMs: 0 })).rejects.toMatchObject({ code });
    expect(hopeless.tries()).toBe(2);
  },
);

test.each([
  ['DISK_FULL', true],
  ['ABORTED', true],
  ['RESULT_INVALID', false],
] as const)('%s (retryable: %s) is not', async (code, retryable) => {
  const failed = failing(1, code, retryable);
  await expect(twice(failed.work, { signal: never, pauseMs: 0 })).rejects.toMatchObject({ code });
  expect(failed.tries()).toBe(1);
});

test('the pause ends when the work is given up, and nothing is tried again', async () => {
  const controller = new AbortController();
  const failed = failing(1, 'FFMPEG_FAILED', true);
  const running = twice(failed.work, { signal: controller.signal, pauseMs: 600_000 });
  setImmediate(() => controller.abort());
  await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
  expect(failed.tries()).toBe(1);
});
