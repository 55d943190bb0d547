import { createHash } from 'node:crypto';

/** The hash of a lock file as it is noted inside node_modules. */
export function hashOfLock(lockText) {
  return createHash('sha256').update(lockText).digest('hex');
}

/**
 * What to do about node_modules: leave it ("in-place"), note that another npm run has already made it what the lock
 * file asks for ("adopt"), or install. `installedText` is npm's own record of a finished install
 * (node_modules/.package-lock.json), undefined when there is none.
 */
export function planNodeModules({ lockText, stampText, installedText }) {
  if (installedText === undefined) return { kind: 'install', reason: 'node_modules is missing or incomplete' };
  if (stampText?.trim() === hashOfLock(lockText)) return { kind: 'in-place' };
  return installedMatches(lockText, installedText)
    ? { kind: 'adopt' }
    : { kind: 'install', reason: 'package-lock.json has changed since the last install' };
}

function installedMatches(lockText, installedText) {
  let wanted;
  let installed;
  try {
    wanted = JSON.parse(lockText).packages;
    installed = JSON.parse(installedText).packages;
  } catch {
    return false;
  }
  if (typeof wanted !== 'object' || wanted === null || typeof installed !== 'object' || installed === null)
    return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const present = installed[path];
    // Optional packages may be absent: other platforms' binaries, or a download that was refused.
    if (present === undefined && (entry.optional || entry.devOptional || entry.peer)) continue;
    if (present?.version !== entry.version || present?.integrity !== entry.integrity) return false;
  }
  return true;
}
