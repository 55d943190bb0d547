import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const temporaryPrefix = (file: string): string => `.${basename(file)}-`;
const TEMPORARY_ENDING = '.tmp';

/** Replaces a file, readable only by its owner, so that whatever happens it holds all of the old text or all of the new one. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `${temporaryPrefix(file)}${randomUUID()}${TEMPORARY_ENDING}`);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}

/** Removes what a write that was cut off left beside a file. */
export async function removeCutOffWrites(file: string): Promise<void> {
  const folder = dirname(file);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(temporaryPrefix(file)) || !name.endsWith(TEMPORARY_ENDING)) continue;
    await unlink(join(folder, name)).catch(() => undefined);
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder to sync it, and does not need to: NTFS journals the rename.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
