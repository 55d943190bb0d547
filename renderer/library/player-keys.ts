/** What a key does in the player. */
export type PlayerCommand =
  | { kind: 'toggle' }
  | { kind: 'seekBy'; seconds: number }
  | { kind: 'volumeBy'; step: number }
  | { kind: 'mute' }
  | { kind: 'fullScreen' };

/** Space plays and pauses, left and right move by 5 s (with Shift by 1 s), up and down change the volume. */
export function playerCommand(key: string, shift: boolean): PlayerCommand | null {
  switch (key) {
    case ' ':
      return { kind: 'toggle' };
    case 'ArrowLeft':
      return { kind: 'seekBy', seconds: shift ? -1 : -5 };
    case 'ArrowRight':
      return { kind: 'seekBy', seconds: shift ? 1 : 5 };
    case 'ArrowUp':
      return { kind: 'volumeBy', step: 0.1 };
    case 'ArrowDown':
      return { kind: 'volumeBy', step: -0.1 };
    case 'm':
      return { kind: 'mute' };
    case 'f':
      return { kind: 'fullScreen' };
    default:
      return null;
  }
}
