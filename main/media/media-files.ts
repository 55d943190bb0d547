import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The file operations that make a result durable, as a port so that tests can make a disk fail. */
export type MediaFiles = {
  makeDirectory: (path: string) => Promise<void>;
  /** Size in bytes, or null when there is no such file. */
  sizeBytes: (path: string) => Promise<number | null>;
  /** Room on the disk of a folder, bytes. */
  freeBytes: (folder: string) => Promise<number>;
  /** Names of the plain files in a folder; none when there is no such folder. */
  fileNames: (folder: string) => Promise<string[]>;
  /** Returns when the bytes of the file are on the disk. */
  syncFile: (path: string) => Promise<void>;
  /** Renames and returns when the new name itself is on the disk. */
  renameDurably: (from: string, to: string) => Promise<void>;
  /** Removes a file; a missing file is no error. */
  remove: (path: string) => Promise<void>;
};

/** The port over Node's file system. */
export const nodeMediaFiles: MediaFiles = {
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true });
  },
  sizeBytes: async (path) => {
    try {
      return (await stat(path)).size;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },
  freeBytes: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  fileNames: async (folder) => {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },
  syncFile: async (path) => {
    // r+ and not r: Windows refuses to flush a handle that cannot write.
    const handle = await open(path, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  renameDurably: async (from, to) => {
    await rename(from, to);
    // Windows cannot open a directory for flushing; NTFS journals the rename itself.
    if (process.platform === 'win32') return;
    const directory = await open(dirname(to), 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  },
  remove: async (path) => {
    await rm(path, { force: true });
  },
};

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
