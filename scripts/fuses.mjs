import { join } from 'node:path';
import { FuseV1Options } from '@electron/fuses';

/**
 * How each switch inside a packaged Electron stands, by the system it is for. All that this version knows are named: packaging
 * fails on one that is not (strictlyRequireAllFuses), and so does the test of the packaged app.
 * https://www.electronjs.org/docs/latest/tutorial/fuses
 */
export function fusesFor(platform) {
  // Electron checks the archive against a hash in its own program only on these systems.
  const knowsIntegrity = platform === 'darwin' || platform === 'win32';
  return {
    // The app starts no Node of its own: its one other thread is a worker.
    [FuseV1Options.RunAsNode]: false,
    [FuseV1Options.EnableCookieEncryption]: true,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: false,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: knowsIntegrity,
    [FuseV1Options.OnlyLoadAppFromAsar]: true,
    // Would want a second snapshot file, which only apps that make their own have.
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    // The pages come by a scheme of their own (main/shell/app-protocol.ts), none by file://.
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
    // Off, each WebAssembly access is checked by code instead: no safer, and slower (Node's fetch is made of it).
    [FuseV1Options.WasmTrapHandlers]: true,
  };
}

/** The program of a packaged app in its folder. */
export function programIn(folder, platform, { product, executable }) {
  if (platform === 'darwin') return join(folder, `${product}.app`);
  return join(folder, platform === 'win32' ? `${product}.exe` : executable);
}
