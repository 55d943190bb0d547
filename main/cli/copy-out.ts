import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { link, lstat, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CliFailure, Interrupted } from './cli-failure.ts';

const PIECE_BYTES = 1024 * 1024;

export type CopyOut = {
  from: string;
  to: string;
  /** Whether a file that is there is replaced. */
  force: boolean;
  signal: AbortSignal;
  onProgress: (fraction: number) => void;
};

/** Says why a file cannot be written there, before anything is done; null when nothing speaks against it. */
export async function refusalToWrite(to: string, force: boolean): Promise<CliFailure | null> {
  const folder = await stat(dirname(to)).catch(() => null);
  if (folder === null || !folder.isDirectory()) {
    return new CliFailure('FILE_FAILED', `There is no folder ${dirname(to)}.`);
  }
  const there = await lstat(to).catch(() => null);
  if (there === null) return null;
  if (there.isDirectory()) return new CliFailure('FILE_FAILED', `${to} is a folder. Name a file in it.`);
  return force ? null : existsAlready(to);
}

/**
 * Copies a file so that under its name there is all of it or nothing: a temporary file beside it, on the disk, then its name.
 * Nothing is replaced unless asked for, also not what came meanwhile.
 */
export async function copyOut({ from, to, force, signal, onProgress }: CopyOut): Promise<void> {
  const temporary = join(dirname(to), `.${basename(to)}.${randomUUID()}.part`);
  try {
    const source = await copyBytes(from, temporary, signal, onProgress);
    await publish(temporary, to, force, source);
    await syncFolder(dirname(to));
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    if (error instanceof CliFailure) throw error;
    throw new CliFailure('FILE_FAILED', `${to} could not be written: ${reasonOf(error)}.`);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function copyBytes(
  from: string,
  temporary: string,
  signal: AbortSignal,
  onProgress: (fraction: number) => void,
): Promise<Stats> {
  await using source = await open(from, constants.O_RDONLY);
  const before = await source.stat();
  if (!before.isFile()) throw new CliFailure('FILE_FAILED', `${from} is not a file.`);
  await using target = await open(temporary, 'wx');
  const piece = Buffer.alloc(PIECE_BYTES);
  let copied = 0;
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await source.read(piece, 0, PIECE_BYTES, copied);
    if (bytesRead === 0) break;
    await target.writeFile(piece.subarray(0, bytesRead));
    copied += bytesRead;
    onProgress(before.size === 0 ? 1 : Math.min(1, copied / before.size));
  }
  const after = await source.stat();
  if (copied !== before.size || after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
    throw new CliFailure('FILE_FAILED', `${from} changed while it was copied. Try again.`);
  }
  await target.sync();
  return before;
}

async function publish(temporary: string, to: string, force: boolean, source: Stats): Promise<void> {
  const there = await stat(to).catch(() => null);
  if (there !== null && there.dev === source.dev && there.ino === source.ino) {
    throw new CliFailure('FILE_FAILED', `${to} is the file of the recording itself. Choose another place.`);
  }
  if (force) return await rename(temporary, to);
  try {
    // Unlike a rename, a link fails when the name is taken.
    await link(temporary, to);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') throw existsAlready(to);
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
    // A file system without links (FAT): the gap between looking and renaming stays.
    if ((await lstat(to).catch(() => null)) !== null) throw existsAlready(to);
    await rename(temporary, to);
  }
}

/** Makes the new name durable; Windows has nothing to sync there. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using handle = await open(folder, constants.O_RDONLY);
  await handle.sync();
}

function existsAlready(to: string): CliFailure {
  return new CliFailure('FILE_EXISTS', `${to} exists already. With --force it is replaced.`);
}

function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'the file of the recording is not there any more';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'you may not write there';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
