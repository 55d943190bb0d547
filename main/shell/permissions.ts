import type { Session } from 'electron';
import { isAppAddress } from './app-address.ts';

// Electron security guide, 5: handle session permission requests from remote content
// https://www.electronjs.org/docs/latest/tutorial/security#5-handle-session-permission-requests-from-remote-content

const ALLOWED: ReadonlySet<string> = new Set([
  'media',
  // Choosing the loudspeaker (setSinkId) and naming it in the menus.
  'speaker-selection',
]);

/** Decides on a permission: camera, microphone and loudspeaker for the app's own page, everything else is denied. */
export function mayUse(permission: string, address: string): boolean {
  return ALLOWED.has(permission) && isAppAddress(address);
}

/** Answers every permission request and check of a session by `mayUse`; devices on wires and radios are always denied. */
export function guardPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(mayUse(permission, details.requestingUrl));
  });
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin) => mayUse(permission, requestingOrigin));
  session.setDevicePermissionHandler(() => false);
  session.setUSBProtectedClassesHandler(() => []);
  session.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }));
}
