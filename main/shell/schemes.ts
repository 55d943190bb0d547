import { protocol } from 'electron';
import { MEDIA_SCHEME } from '../../contract/media-url.ts';
import { APP_SCHEME } from './app-address.ts';

/** Registers the two schemes of the app; Electron takes this only before it is ready. */
export function registerSchemes(): void {
  protocol.registerSchemesAsPrivileged([
    // `secure` makes the page a secure context (camera, microphone); no scheme bypasses the content security policy.
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
    { scheme: MEDIA_SCHEME, privileges: { standard: true, secure: true, stream: true } },
  ]);
}
