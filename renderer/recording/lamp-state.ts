import type { CallRecording } from '../../contract/call.ts';
import { assertNever } from '../../contract/errors.ts';

/** What the tally light shows. Only `onDisk` is a solid red disc. */
export type LampState =
  | { kind: 'off' }
  | { kind: 'starting' }
  | { kind: 'onDisk' }
  | { kind: 'degraded'; words: string }
  | { kind: 'paused' }
  | { kind: 'stopping' };

/** What the person asked for that main has not shown yet. */
export type RecordWish = 'start' | 'stop' | null;

/** The lamp is lit by bytes that reached the disk, never by a button (DESIGN rule 7). */
export function lampState(recording: CallRecording | null, wish: RecordWish): LampState {
  if (recording === null) return wish === 'start' ? { kind: 'starting' } : { kind: 'off' };
  if (recording.state === 'stopping' || wish === 'stop') return { kind: 'stopping' };
  if (recording.state === 'paused') return { kind: 'paused' };
  switch (recording.health.kind) {
    case 'starting':
      return { kind: 'starting' };
    case 'ok':
      return { kind: 'onDisk' };
    case 'degraded':
      return { kind: 'degraded', words: recording.health.message };
    default:
      return assertNever(recording.health);
  }
}

/** The lamp in words, for people who do not see it. */
export function lampWords(state: LampState): string {
  switch (state.kind) {
    case 'off':
      return 'Not recording';
    case 'starting':
      return 'Recording is starting';
    case 'onDisk':
      return 'Recording, on the disk';
    case 'degraded':
      return `Recording has a problem: ${state.words}`;
    case 'paused':
      return 'Recording is paused';
    case 'stopping':
      return 'Recording is being saved';
    default:
      return assertNever(state);
  }
}
