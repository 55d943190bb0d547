import type { OpenFile } from './ports.ts';

/** One step of bringing a segment to its file, in the order in which it was queued. */
export type WriteStep = {
  run: (file: OpenFile | null) => Promise<OpenFile | null>;
};

/** Runs file steps strictly one after the other; after the first failure nothing more is run. */
export type WriteQueue = {
  push: (step: WriteStep) => void;
  /** Resolves when all that was queued has run, or the queue has failed. */
  idle: () => Promise<void>;
  file: () => OpenFile | null;
};

/** Makes the queue of one segment. */
export function createWriteQueue(onFailure: (error: unknown) => void): WriteQueue {
  let file: OpenFile | null = null;
  let failed = false;
  let tail: Promise<void> = Promise.resolve();

  const runAfter = async (before: Promise<void>, step: WriteStep): Promise<void> => {
    await before;
    if (failed) return;
    try {
      file = await step.run(file);
    } catch (error) {
      failed = true;
      onFailure(error);
    }
  };

  return {
    push: (step) => {
      tail = runAfter(tail, step);
    },
    idle: () => tail,
    file: () => file,
  };
}
