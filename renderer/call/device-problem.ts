import type { LocalMediaView } from './local-media.ts';

export type DeviceProblem = NonNullable<LocalMediaView['cameraError']>;

/** What a failed getUserMedia means to a person (names: https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia). */
export function deviceProblemOf(error: unknown): DeviceProblem {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  switch (name) {
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'DEVICE_MISSING';
    case 'NotAllowedError':
    case 'SecurityError':
      return 'DEVICE_BLOCKED';
    default:
      // NotReadableError, AbortError: the device is there, but something holds it.
      return 'DEVICE_BUSY';
  }
}
