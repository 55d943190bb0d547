import { constants } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { controlFileSchema, type ControlFile } from '../../contract/control.ts';
import { AppError } from '../../contract/errors.ts';
import { removeCutOffWrites, writeWhole } from '../settings/write-whole.ts';

/** More than a control.json of ours can have. */
const MAX_FILE_BYTES = 4096;

/** Tells programs of the same person where the API is: readable by its owner only, from its first byte. */
export async function writeControlFile(file: string, contents: ControlFile): Promise<void> {
  try {
    await writeWhole(file, `${JSON.stringify(contents)}\n`);
  } catch (error) {
    throw new AppError('FOLDER_UNWRITABLE', 'The file that tells programs of the control API could not be written.', {
      cause: error,
      retryable: true,
      details: { path: file },
    });
  }
}

/** Removes the file if it is still the one that we wrote; somebody else's stays. */
export async function removeControlFile(file: string, ours: ControlFile): Promise<void> {
  const found = await readControlFile(file);
  if (found === null || found.pid !== ours.pid || found.token !== ours.token) return;
  await unlink(file).catch(() => undefined);
}

/** Removes what a run that was killed left: a file of a process that is gone, and writes that were cut off. */
export async function removeStaleControlFile(
  file: string,
  { ownPid, isAlive }: { ownPid: number; isAlive: (pid: number) => boolean },
): Promise<void> {
  await removeCutOffWrites(file);
  const found = await readControlFile(file);
  if (found === null || (found.pid !== ownPid && isAlive(found.pid))) return;
  await unlink(file).catch(() => undefined);
}

/** Null for what is not there, is a link, or is no file of this kind. */
async function readControlFile(file: string): Promise<ControlFile | null> {
  try {
    const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_FILE_BYTES), 0, MAX_FILE_BYTES, 0);
      const parsed = parseUntrusted(controlFileSchema, JSON.parse(buffer.toString('utf8', 0, bytesRead)));
      return parsed.success ? parsed.data : null;
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}
