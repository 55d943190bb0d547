import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FuseVersion, flipFuses } from '@electron/fuses';
import { fusesFor, programIn } from './fuses.mjs';

/**
 * Called by electron-builder when an app is put together and not signed yet: sets the fuses. Its own setting for them
 * (electronFuses, by an older @electron/fuses) does not know all that Electron has, and passes over what is not named.
 */
export default async function afterPack({ appOutDir, electronPlatformName: platform, packager }) {
  const product = packager.appInfo.productFilename;
  const program = programIn(appOutDir, platform, { product, executable: packager.executableName ?? product });
  await flipFuses(program, {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    // On Apple's processors nothing starts without a valid signature, and this is for copies that nobody signs.
    resetAdHocDarwinSignature: platform === 'darwin',
    ...fusesFor(platform),
  });
  // What Electron shows when it has no app: nothing loads it any more.
  await rm(join(packager.getResourcesDir(appOutDir), 'default_app.asar'), { force: true });
}
