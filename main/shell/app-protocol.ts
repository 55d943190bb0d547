import { readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { protocol } from 'electron';
import { APP_SCHEME, pathOfAppAddress } from './app-address.ts';
import { contentTypeOf } from './content-type.ts';
import { contentSecurityPolicy } from './csp.ts';

// Electron security guide, 18: avoid file:// and serve pages from a custom protocol
// https://www.electronjs.org/docs/latest/tutorial/security#18-avoid-usage-of-the-file-protocol-and-prefer-usage-of-custom-protocols

const HEADERS: Record<string, string> = {
  'content-security-policy': contentSecurityPolicy(),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};

function refuse(status: number): Response {
  return new Response(null, { status, headers: HEADERS });
}

/** Serves the built pages, and nothing outside their folder, on the app's own scheme. */
export async function serveAppPages(pagesFolder: string): Promise<void> {
  const root = await realpath(pagesFolder);
  protocol.handle(APP_SCHEME, async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
    const path = pathOfAppAddress(request.url);
    if (path === null) return refuse(404);
    try {
      const file = await realpath(join(root, path));
      if (!file.startsWith(root + sep)) return refuse(404);
      const bytes = await readFile(file);
      return new Response(new Uint8Array(bytes), { headers: { ...HEADERS, 'content-type': contentTypeOf(file) } });
    } catch {
      return refuse(404);
    }
  });
}
