import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rmdir, stat, statfs, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Dirent, Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { fileErrorCode } from './ports.ts';
import type { Files, FolderEntry, OpenFile } from './ports.ts';

// Never through a link: a recording's folder is ours, a link in it was put there by somebody else. Zero on Windows.
const noFollow = constants.O_NOFOLLOW ?? 0;

/**
 * Makes a folder and what is missing above it. Node's own `recursive: true` (24.21) never returns where a file system answers
 * ENOENT to every mkdir, as /proc does.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path) throw error;
    await makeFolder(parent);
    await mkdir(path).catch(async (again: unknown) => {
      if (fileErrorCode(again) !== 'EEXIST' || !(await stat(path)).isDirectory()) throw again;
    });
  }
}

/** The disk of this machine through Node. */
export const nodeFiles: Files = {
  makeFolder,
  create: async (path) =>
    openFile(await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | noFollow, 0o644)),
  open: async (path) => openFile(await open(path, constants.O_RDWR | noFollow)),
  kind: async (path) => {
    const stats = await statOrNull(path);
    return stats === null ? null : kindOf(stats);
  },
  sizeBytes: async (path) => {
    const stats = await statOrNull(path);
    return stats?.isFile() === true ? stats.size : null;
  },
  list: async (path) => {
    try {
      const entries = await readdir(path, { withFileTypes: true });
      return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
    } catch (error) {
      if (fileErrorCode(error) === 'ENOENT') return [];
      throw error;
    }
  },
  rename,
  unlink: (path) => ignoreMissing(unlink(path)),
  removeFolder: (path) => ignoreMissing(rmdir(path)),
  freeBytes: async (path) => {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
  modifiedWallMs: async (path) => (await statOrNull(path))?.mtimeMs ?? null,
  fingerprint: async (path) => {
    const stats = await statOrNull(path);
    return stats?.isFile() === true ? { sizeBytes: stats.size, mtimeMs: stats.mtimeMs, inode: stats.ino } : null;
  },
  syncFolder: async (path) => {
    // Windows cannot open a folder for flushing; NTFS journals its names itself.
    if (process.platform === 'win32') return;
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

function openFile(handle: FileHandle): OpenFile {
  return {
    write: async (bytes, positionBytes) => {
      // The system may take fewer bytes than it was given (a nearly full disk): go on until all are taken or it says why not.
      for (let done = 0; done < bytes.byteLength;) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, positionBytes + done);
        done += bytesWritten;
      }
    },
    read: async (positionBytes, lengthBytes) => {
      const buffer = new Uint8Array(lengthBytes);
      let done = 0;
      while (done < lengthBytes) {
        const { bytesRead } = await handle.read(buffer, done, lengthBytes - done, positionBytes + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return buffer.subarray(0, done);
    },
    sizeBytes: async () => (await handle.stat()).size,
    truncate: (sizeBytes) => handle.truncate(sizeBytes),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}

function kindOf(entry: Dirent | Stats): FolderEntry['kind'] {
  if (entry.isSymbolicLink()) return 'link';
  if (entry.isDirectory()) return 'folder';
  return entry.isFile() ? 'file' : 'other';
}

async function statOrNull(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

async function ignoreMissing(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (fileErrorCode(error) !== 'ENOENT') throw error;
  }
}
