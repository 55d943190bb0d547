import { grown, leftInProcess, watchProcess } from '../support/process-watch.ts';
import { openAttackedCall, type AttackedCall } from './attacked-call.ts';

type Add = (failure: string) => void;

/** The heap may be larger afterwards by what was compiled and cached, and by no more than that. */
const MAX_HEAP_GROWTH_MB = 40;
/** They end by themselves and keep nothing open. */
const PASSING = /^(Immediate|Timeout)$/;

/**
 * Attacks a recorded call in this process: whatever nobody caught, what was logged as an error, memory and open handles that are
 * left afterwards are failures. Answers with the growth of the heap, MiB.
 */
export async function withAttackedCall(
  where: string,
  add: Add,
  attack: (scene: AttackedCall) => Promise<void>,
): Promise<number> {
  const before = leftInProcess();
  const watch = watchProcess();
  try {
    const scene = await openAttackedCall();
    try {
      await attack(scene);
      for (const line of scene.errors) add(`${where}: logged: ${line}`);
    } finally {
      await scene.end();
    }
  } finally {
    // What is still to fail fails before this is looked at.
    await new Promise((resolve) => setImmediate(resolve));
    watch.stop();
  }
  for (const error of watch.uncaught()) add(`${where}: ${error}`);
  const after = leftInProcess();
  const heapGrowthMb = after.heapMb - before.heapMb;
  if (heapGrowthMb > MAX_HEAP_GROWTH_MB) add(`${where}: the heap grew by ${Math.round(heapGrowthMb)} MB`);
  const more = grown(before, after).filter((each) => !PASSING.test(each.split(' ')[0] ?? ''));
  if (more.length > 0) add(`${where}: left open afterwards: ${more.join(', ')}`);
  return heapGrowthMb;
}

/** Says what the call and the recording noticed: ends the recording and looks at all of it. */
export async function wentOn(scene: AttackedCall, where: string, add: Add): Promise<void> {
  const { call } = await scene.host.ask('call.current', {});
  if (call?.participants.length !== 2) add(`${where}: the call has not two people any more`);
  const saved = await scene.finish();
  for (const fault of saved.faults) add(`${where}: the recording: ${fault}`);
}
