import { MESH_PARTICIPANT_LIMIT } from '../../contract/settings.ts';

const SMALLEST_CALL = 2;

/** How many people a call may take, as its menu has them. */
export const callSizeChoices: { value: string; label: string }[] = Array.from(
  { length: MESH_PARTICIPANT_LIMIT - SMALLEST_CALL + 1 },
  (_, index) => ({ value: String(SMALLEST_CALL + index), label: `${SMALLEST_CALL + index} people` }),
);

/** What the setting does, and why a call takes no more. */
export const callSizeHelp = `How many people fit in the next call that you start. Each computer sends its picture to every other one: with more than ${MESH_PARTICIPANT_LIMIT}, most could not keep up.`;
