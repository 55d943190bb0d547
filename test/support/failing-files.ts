import { nodeFiles } from '../../main/recording/node-files.ts';
import type { Files, OpenFile } from '../../main/recording/ports.ts';

/** One operation on a disk, as a test may want to fail it. */
export type DiskOperation = {
  kind:
    | 'create'
    | 'open'
    | 'write'
    | 'sync'
    | 'truncate'
    | 'rename'
    | 'unlink'
    | 'removeFolder'
    | 'makeFolder'
    | 'syncFolder';
  path: string;
};

/** An error as the system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code });
}

/** The real disk, where `refuse` may answer an operation with an error code; a refused write leaves half of its bytes. */
export function failingFiles(refuse: (operation: DiskOperation) => string | null): Files {
  const check = (kind: DiskOperation['kind'], path: string): void => {
    const code = refuse({ kind, path });
    if (code !== null) throw systemError(code);
  };
  const wrap = (file: OpenFile, path: string): OpenFile => ({
    ...file,
    write: async (bytes, positionBytes) => {
      const code = refuse({ kind: 'write', path });
      if (code === null) return file.write(bytes, positionBytes);
      await file.write(bytes.subarray(0, bytes.byteLength >> 1), positionBytes);
      throw systemError(code);
    },
    truncate: async (sizeBytes) => {
      check('truncate', path);
      await file.truncate(sizeBytes);
    },
    sync: async () => {
      check('sync', path);
      await file.sync();
    },
  });
  return {
    ...nodeFiles,
    makeFolder: async (path) => {
      check('makeFolder', path);
      await nodeFiles.makeFolder(path);
    },
    create: async (path) => {
      check('create', path);
      return wrap(await nodeFiles.create(path), path);
    },
    open: async (path) => {
      check('open', path);
      return wrap(await nodeFiles.open(path), path);
    },
    rename: async (from, to) => {
      check('rename', to);
      await nodeFiles.rename(from, to);
    },
    unlink: async (path) => {
      check('unlink', path);
      await nodeFiles.unlink(path);
    },
    removeFolder: async (path) => {
      check('removeFolder', path);
      await nodeFiles.removeFolder(path);
    },
    syncFolder: async (path) => {
      check('syncFolder', path);
      await nodeFiles.syncFolder(path);
    },
  };
}
