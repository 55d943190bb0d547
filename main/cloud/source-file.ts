import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { diskError } from '../recording/disk-error.ts';
import type { Fingerprint } from '../recording/journal-records.ts';
import { insideFolder } from '../recording/recording-folder.ts';

/** A finished file held open while it is sent: whatever takes its name meanwhile, these are its bytes. */
export type SourceFile = {
  readonly fingerprint: Fingerprint;
  /** Rejects with SOURCE_CHANGED when it is not what it was when it was opened. */
  check: () => Promise<void>;
  /** Fills the buffer from this place on; rejects with SOURCE_CHANGED where the file ends before. */
  read: (into: Uint8Array, positionBytes: number) => Promise<void>;
  close: () => Promise<void>;
};

// Never through a link: whoever put one there wants other bytes in the bucket. Zero on Windows, where lstat alone tells.
const noFollow = constants.O_NOFOLLOW ?? 0;

/** Opens a finished file of a recording; `expected` is what it was when its sending began. Rejects with SOURCE_CHANGED. */
export async function openSource(folder: string, file: string, expected: Fingerprint | null): Promise<SourceFile> {
  const path = insideFolder(folder, file);
  if (path === null) throw changed('it is outside of the recording');
  await requireFolders(folder, path);
  const handle = await openPlain(path);
  try {
    const fingerprint = fingerprintOf(await handle.stat());
    if (expected !== null && !same(fingerprint, expected)) throw changed('it is not what it was');
    const source = sourceOf(handle, path, fingerprint);
    await source.check();
    return source;
  } catch (error) {
    await handle.close();
    throw problem(error);
  }
}

function sourceOf(handle: FileHandle, path: string, fingerprint: Fingerprint): SourceFile {
  return {
    fingerprint,
    check: async () => {
      try {
        const held = await handle.stat();
        const named = await lstat(path);
        if (!held.isFile() || !named.isFile() || held.dev !== named.dev) throw changed('another file is in its place');
        if (!same(fingerprintOf(held), fingerprint)) throw changed('it was written to');
        if (!same(fingerprintOf(named), fingerprint)) throw changed('another file is in its place');
      } catch (error) {
        throw problem(error);
      }
    },
    read: async (into, positionBytes) => {
      try {
        for (let done = 0; done < into.byteLength;) {
          const { bytesRead } = await handle.read(into, done, into.byteLength - done, positionBytes + done);
          if (bytesRead === 0) throw changed('it became shorter');
          done += bytesRead;
        }
      } catch (error) {
        throw problem(error);
      }
    },
    close: () => handle.close(),
  };
}

async function requireFolders(folder: string, path: string): Promise<void> {
  for (let each = dirname(path); each.length >= folder.length; each = dirname(each)) {
    const stats = await lstat(each).catch((error: unknown) => {
      throw problem(error);
    });
    if (!stats.isDirectory()) throw changed('a link leads to it');
    if (each === folder) return;
  }
}

async function openPlain(path: string): Promise<FileHandle> {
  try {
    // Looked at first: opening a pipe would wait for its other end.
    if (!(await lstat(path)).isFile()) throw changed('it is no plain file');
    return await open(path, constants.O_RDONLY | noFollow);
  } catch (error) {
    throw problem(error);
  }
}

function fingerprintOf({ size, mtimeMs, ino }: Stats): Fingerprint {
  return { sizeBytes: size, mtimeMs, inode: ino };
}

function same(a: Fingerprint, b: Fingerprint): boolean {
  return a.sizeBytes === b.sizeBytes && a.mtimeMs === b.mtimeMs && a.inode === b.inode;
}

/** The error for a file that is not the one that was to be sent. */
export function changed(why: string): AppError {
  return new AppError('SOURCE_CHANGED', `The file here was changed while it was being sent: ${why}.`, {
    retryable: true,
  });
}

function problem(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT' || code === 'ENOTDIR') return changed('it is not there any more');
  return code === 'ELOOP' ? changed('a link leads to it') : diskError(error, 'a file to be sent cannot be read');
}
