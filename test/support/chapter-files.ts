import type { ChapterPlan, ChapterStep } from '../../main/media/chapters/chapter-plan.ts';
import { createMemoryFile } from './lanes.ts';

/** The bytes of a file after these steps. */
export function applySteps(content: Uint8Array, steps: readonly ChapterStep[]): Uint8Array {
  const file = createMemoryFile(content);
  for (const step of steps) {
    if (step.kind === 'truncate') file.truncate(step.sizeBytes);
    else file.write(step);
  }
  return file.bytes();
}

/** Every file that a plan can leave behind when it is stopped: after each step, and after every byte of each write. */
export function* stoppedAnywhere(content: Uint8Array, plan: ChapterPlan): Generator<Uint8Array> {
  for (const [index, step] of plan.steps.entries()) {
    const before = applySteps(content, plan.steps.slice(0, index));
    yield before;
    if (step.kind === 'truncate') continue;
    // A sector is written or not (segment-head.ts): only longer writes and those that go to the end can be cut.
    if (step.offset < before.length && step.bytes.length <= 512) continue;
    for (let done = 1; done < step.bytes.length; done += 29) {
      yield applySteps(before, [{ ...step, bytes: step.bytes.subarray(0, done) }]);
    }
  }
  yield applySteps(content, plan.steps);
}
