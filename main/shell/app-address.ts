/** Scheme of the app's own pages: files of the package, never of the disk at large. */
export const APP_SCHEME = 'tallylight-app';

/** The one origin that is trusted with devices and requests. */
export const APP_ORIGIN = `${APP_SCHEME}://ui`;

/** Address of the page that the window shows. */
export const APP_PAGE = `${APP_ORIGIN}/index.html`;

/** Tells whether an address belongs to the app's own pages; anything that is not an address does not. */
export function isAppAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return url.protocol === `${APP_SCHEME}:` && url.host === 'ui' && url.username === '' && url.port === '';
}

/** Path of the file that an address of the app's scheme names, relative and without any way out; null when there is none. */
export function pathOfAppAddress(address: string): string | null {
  if (!isAppAddress(address)) return null;
  let path: string;
  try {
    path = decodeURIComponent(new URL(address).pathname);
  } catch {
    return null;
  }
  const parts = path.split('/').filter((part) => part !== '');
  const clean = parts.every((part) => part !== '.' && part !== '..' && /^[\w.@-]+$/.test(part));
  return clean && parts.length > 0 ? parts.join('/') : null;
}
