/**
 * Debian's package for each shared library that Electron is linked with; a second name is the package of releases
 * after the change to 64-bit time (Debian 13, Ubuntu 24.04).
 */
const packagesBySoname = new Map([
  ['libglib-2.0.so.0', ['libglib2.0-0', 'libglib2.0-0t64']],
  ['libgobject-2.0.so.0', ['libglib2.0-0', 'libglib2.0-0t64']],
  ['libgio-2.0.so.0', ['libglib2.0-0', 'libglib2.0-0t64']],
  ['libnspr4.so', ['libnspr4']],
  ['libnss3.so', ['libnss3']],
  ['libnssutil3.so', ['libnss3']],
  ['libsmime3.so', ['libnss3']],
  ['libatk-1.0.so.0', ['libatk1.0-0', 'libatk1.0-0t64']],
  ['libatk-bridge-2.0.so.0', ['libatk-bridge2.0-0', 'libatk-bridge2.0-0t64']],
  ['libatspi.so.0', ['libatspi2.0-0', 'libatspi2.0-0t64']],
  ['libcups.so.2', ['libcups2', 'libcups2t64']],
  ['libdbus-1.so.3', ['libdbus-1-3']],
  ['libcairo.so.2', ['libcairo2']],
  ['libgtk-3.so.0', ['libgtk-3-0', 'libgtk-3-0t64']],
  ['libgdk-3.so.0', ['libgtk-3-0', 'libgtk-3-0t64']],
  ['libpango-1.0.so.0', ['libpango-1.0-0']],
  ['libX11.so.6', ['libx11-6']],
  ['libXcomposite.so.1', ['libxcomposite1']],
  ['libXdamage.so.1', ['libxdamage1']],
  ['libXext.so.6', ['libxext6']],
  ['libXfixes.so.3', ['libxfixes3']],
  ['libXrandr.so.2', ['libxrandr2']],
  ['libgbm.so.1', ['libgbm1']],
  ['libdrm.so.2', ['libdrm2']],
  ['libexpat.so.1', ['libexpat1']],
  ['libxcb.so.1', ['libxcb1']],
  ['libxkbcommon.so.0', ['libxkbcommon0']],
  ['libudev.so.1', ['libudev1']],
  ['libasound.so.2', ['libasound2', 'libasound2t64']],
  ['libgcc_s.so.1', ['libgcc-s1']],
]);

/** The sonames that `ldd` could not find. */
export function missingSonames(lddText) {
  const names = new Set();
  for (const match of lddText.matchAll(/^\s*(\S+) => not found/gm)) names.add(match[1]);
  return [...names];
}

/** Every package name that some release uses for one of these libraries. */
export function packageNames(sonames) {
  return [...new Set(sonames.flatMap((soname) => packagesBySoname.get(soname) ?? []))];
}

/**
 * The packages to install for these libraries on a release that offers the names in `available` (the newer name wins:
 * the older one stays on as an alias), and the libraries that no package is known for.
 */
export function packagesFor(sonames, available) {
  const packages = new Set();
  const unknown = [];
  for (const soname of sonames) {
    const candidates = packagesBySoname.get(soname);
    if (candidates === undefined) unknown.push(soname);
    else packages.add(candidates.findLast((name) => available.has(name)) ?? candidates[0]);
  }
  return { packages: [...packages], unknown };
}
