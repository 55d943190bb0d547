import { chown, copyFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Lets another user show windows on this display: gives it a copy of the key, where the display has one. */
export async function displayKey(home: string): Promise<Record<string, string>> {
  const key = process.env['XAUTHORITY'] ?? join(homedir(), '.Xauthority');
  const copy = join(home, 'display-key');
  try {
    const { uid, gid } = await stat(home);
    await copyFile(key, copy);
    await chown(copy, uid, gid);
    return { XAUTHORITY: copy };
  } catch {
    return {};
  }
}
