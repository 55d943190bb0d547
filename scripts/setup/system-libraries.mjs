import { installable, installWithApt } from './apt.mjs';
import { missingSonames, packageNames, packagesFor } from './library-packages.mjs';
import { run } from './run.mjs';
import { SetupError } from './setup-error.mjs';

/** Installs the shared libraries that a program lacks; answers whether anything had to be installed. */
export async function ensureLibraries(programPath) {
  if (process.platform !== 'linux') return false;
  const missing = await missingLibraries(programPath);
  if (missing.length === 0) return false;
  const { packages, unknown } = packagesFor(missing, await installable(packageNames(missing)));
  if (packages.length > 0) await installWithApt(packages, 'shared libraries for Electron');
  const left = packages.length > 0 ? await missingLibraries(programPath) : unknown;
  if (left.length > 0) {
    throw new SetupError(
      `Electron needs shared libraries that were not found: ${left.join(', ')}`,
      'apt-get install -y chromium',
    );
  }
  return true;
}

async function missingLibraries(programPath) {
  return missingSonames((await run('ldd', [programPath])).stdout);
}
