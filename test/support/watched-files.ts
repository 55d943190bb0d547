import type { Files, OpenFile } from '../../main/recording/ports.ts';

/** Everything that changes a disk, or makes a change durable. */
export type WatchedKind =
  | 'makeFolder'
  | 'create'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'rename'
  | 'unlink'
  | 'removeFolder'
  | 'syncFolder';

/** One operation under way; `path` is the new name of a rename. */
export type WatchedOperation = { kind: WatchedKind; path: string; from: string | null };

/** Runs an operation, or does not, or does half of it; what it returns is waited for by the program. */
export type DiskWatch = (
  operation: WatchedOperation,
  run: () => Promise<void>,
  /** Only of a write: puts the first half of its bytes into the file. */
  half: (() => Promise<void>) | null,
) => Promise<void>;

/** A disk whose every change goes through `watch`; reading goes through `look`, which may keep the program waiting for ever. */
export function watchedFiles(
  inner: Files,
  watch: DiskWatch,
  look: () => Promise<void> = () => Promise.resolve(),
): Files {
  const change = (kind: WatchedKind, path: string, run: () => Promise<void>, from: string | null = null) =>
    watch({ kind, path, from }, run, null);
  const wrap = (file: OpenFile, path: string): OpenFile => ({
    write: (bytes, positionBytes) =>
      watch(
        { kind: 'write', path, from: null },
        () => file.write(bytes, positionBytes),
        () => writeHalf(file, bytes, positionBytes),
      ),
    read: (positionBytes, lengthBytes) => look().then(() => file.read(positionBytes, lengthBytes)),
    sizeBytes: () => look().then(() => file.sizeBytes()),
    truncate: (sizeBytes) => change('truncate', path, () => file.truncate(sizeBytes)),
    sync: () => change('sync', path, () => file.sync()),
    close: () => file.close(),
  });
  return {
    ...inner,
    makeFolder: (path) => change('makeFolder', path, () => inner.makeFolder(path)),
    create: async (path) => {
      const opened: OpenFile[] = [];
      await change('create', path, async () => {
        opened.push(await inner.create(path));
      });
      const [file] = opened;
      if (file === undefined) throw new Error('A watch let a file be used that it did not let be made.');
      return wrap(file, path);
    },
    open: (path) => look().then(async () => wrap(await inner.open(path), path)),
    kind: (path) => look().then(() => inner.kind(path)),
    sizeBytes: (path) => look().then(() => inner.sizeBytes(path)),
    list: (path) => look().then(() => inner.list(path)),
    rename: (from, to) => change('rename', to, () => inner.rename(from, to), from),
    unlink: (path) => change('unlink', path, () => inner.unlink(path)),
    removeFolder: (path) => change('removeFolder', path, () => inner.removeFolder(path)),
    syncFolder: (path) => change('syncFolder', path, () => inner.syncFolder(path)),
  };
}

/** The smallest piece that a disk, and a system's cache before it, takes over as a whole. */
const SECTOR_BYTES = 512;

async function writeHalf(file: OpenFile, bytes: Uint8Array, positionBytes: number): Promise<void> {
  const middle = positionBytes + (bytes.byteLength >> 1);
  // Over bytes that are there already whole sectors are written or none; an append may end anywhere.
  const endBytes = middle < (await file.sizeBytes()) ? middle - (middle % SECTOR_BYTES) : middle;
  if (endBytes > positionBytes) await file.write(bytes.subarray(0, endBytes - positionBytes), positionBytes);
}
