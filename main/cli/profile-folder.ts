import { posix, win32 } from 'node:path';

/** Electron's name of the app, of which it makes the folder. */
const PRODUCT_NAME = 'Tallylight';

/** What of a computer decides where profiles are. */
export type Computer = {
  platform: string;
  environment: Readonly<Record<string, string | undefined>>;
  homeFolder: string;
};

/** The folder in which the app keeps its profile (https://www.electronjs.org/docs/latest/api/app#appgetpathname). */
export function profileFolderOf({ platform, environment, homeFolder }: Computer): string {
  if (platform === 'win32') {
    return win32.join(environment['APPDATA'] || win32.join(homeFolder, 'AppData', 'Roaming'), PRODUCT_NAME);
  }
  if (platform === 'darwin') return posix.join(homeFolder, 'Library', 'Application Support', PRODUCT_NAME);
  return posix.join(environment['XDG_CONFIG_HOME'] || posix.join(homeFolder, '.config'), PRODUCT_NAME);
}
