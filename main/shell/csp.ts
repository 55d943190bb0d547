import { MEDIA_SCHEME } from '../../contract/media-url.ts';

// Electron security guide, 7: define a content security policy
// https://www.electronjs.org/docs/latest/tutorial/security#7-define-a-content-security-policy
const DIRECTIVES: Record<string, readonly string[]> = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'worker-src': ["'self'"],
  // React sets styles through the CSSOM, which needs no exception; style tags and attributes in markup are refused.
  'style-src': ["'self'"],
  'font-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'blob:', `${MEDIA_SCHEME}:`],
  'media-src': ["'self'", 'blob:', 'mediastream:', `${MEDIA_SCHEME}:`],
  // The signaling server of a call is wherever its host is: any address, WebSocket only.
  'connect-src': ["'self'", 'ws:', 'wss:'],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-src': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** The policy that every page of the app is served with. */
export function contentSecurityPolicy(): string {
  return Object.entries(DIRECTIVES)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');
}
