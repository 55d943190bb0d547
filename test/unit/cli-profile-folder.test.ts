import { expect, it } from 'vitest';
import { profileFolderOf } from '../../main/cli/profile-folder.ts';

it.each([
  ['linux', {}, '/home/ana', '/home/ana/.config/Tallylight'],
  ['linux', { XDG_CONFIG_HOME: '' }, '/home/ana', '/home/ana/.config/Tallylight'],
  ['linux', { XDG_CONFIG_HOME: '/x/conf' }, '/home/ana', '/x/conf/Tallylight'],
  ['darwin', { XDG_CONFIG_HOME: '/x' }, '/Users/ana', '/Users/ana/Library/Application Support/Tallylight'],
  ['win32', { APPDATA: 'D:\\R' }, 'C:\\Users\\ana', 'D:\\R\\Tallylight'],
  ['win32', {}, 'C:\\Users\\ana', 'C:\\Users\\ana\\AppData\\Roaming\\Tallylight'],
])('on %s with %j it is where Electron has it', (platform, environment, homeFolder, folder) => {
  expect(profileFolderOf({ platform, environment, homeFolder })).toBe(folder);
});
