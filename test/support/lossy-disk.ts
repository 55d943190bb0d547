import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import type { Files, OpenFile } from '../../main/recording/ports.ts';
import { systemError } from './failing-files.ts';

/** What is on a disk at one instant: folders (null) and the bytes of files, by absolute path; folders come before what is in them. */
export type DiskImage = ReadonlyMap<string, Uint8Array | null>;

/**
 * A disk in memory with a volatile cache. What was written and not synced, and names whose folder was not synced, are
 * lost at a power cut, in any order that a file system may choose.
 */
export type LossyDisk = {
  files: Files;
  /** Everything that was written, as a process sees it (and as it stays when only the process dies). */
  image: () => DiskImage;
  /** What a power cut leaves now. */
  cut: (random: () => number) => DiskImage;
};

type Change = { kind: 'write'; at: number; bytes: Uint8Array } | { kind: 'truncate'; sizeBytes: number };

type FileNode = { kind: 'file'; content: Content; durable: Content; unsynced: Change[] };
type FolderNode = { kind: 'folder'; now: Map<string, Node>; durable: Map<string, Node> };
type Node = FileNode | FolderNode;

/** A change of names that no folder sync has made durable yet. */
type NameChange =
  | { kind: 'add'; folder: FolderNode; name: string; node: Node }
  | { kind: 'remove'; folder: FolderNode; name: string }
  | { kind: 'rename'; from: FolderNode; fromName: string; to: FolderNode; toName: string; node: Node };

/** The smallest piece that a disk writes as a whole. */
const SECTOR_BYTES = 512;

/** It never fills. */
const FREE_BYTES = 1e12;

/** Makes an empty disk on which only the folder `base` exists; its paths are those of the real folder of that name. */
export function createLossyDisk(base: string): LossyDisk {
  const root: FolderNode = { kind: 'folder', now: new Map(), durable: new Map() };
  let nameChanges: NameChange[] = [];

  const parts = (path: string): string[] => path.split(sep).filter((part) => part !== '');
  const find = (path: string): Node | null => {
    let node: Node = root;
    for (const part of parts(path)) {
      if (node.kind !== 'folder') return null;
      const next = node.now.get(part);
      if (next === undefined) return null;
      node = next;
    }
    return node;
  };
  const folderAt = (path: string): FolderNode => {
    const node = find(path);
    if (node === null) throw systemError('ENOENT');
    if (node.kind !== 'folder') throw systemError('ENOTDIR');
    return node;
  };
  const add = (path: string, node: Node): void => {
    const folder = folderAt(dirname(path));
    folder.now.set(basename(path), node);
    nameChanges.push({ kind: 'add', folder, name: basename(path), node });
  };
  const makeFolder = (path: string): void => {
    const node = find(path);
    if (node?.kind === 'folder') return;
    if (node !== null) throw systemError('EEXIST');
    if (dirname(path) !== path) makeFolder(dirname(path));
    add(path, { kind: 'folder', now: new Map(), durable: new Map() });
  };
  makeFolder(base);
  for (const change of nameChanges) applyDurably(change);
  nameChanges = [];

  const files: Files = {
    makeFolder: async (path) => makeFolder(path),
    create: async (path) => {
      if (find(path) !== null) throw systemError('EEXIST');
      const node: FileNode = { kind: 'file', content: createContent(), durable: createContent(), unsynced: [] };
      add(path, node);
      return openNode(node);
    },
    open: async (path) => {
      const node = find(path);
      if (node === null) throw systemError('ENOENT');
      if (node.kind !== 'file') throw systemError('EISDIR');
      return openNode(node);
    },
    kind: async (path) => find(path)?.kind ?? null,
    sizeBytes: async (path) => {
      const node = find(path);
      return node?.kind === 'file' ? node.content.sizeBytes() : null;
    },
    list: async (path) => {
      const node = find(path);
      if (node === null) return [];
      if (node.kind !== 'folder') throw systemError('ENOTDIR');
      return [...node.now].map(([name, { kind }]) => ({ name, kind }));
    },
    rename: async (from, to) => {
      const [source, target] = [folderAt(dirname(from)), folderAt(dirname(to))];
      const node = source.now.get(basename(from));
      if (node === undefined) throw systemError('ENOENT');
      source.now.delete(basename(from));
      target.now.set(basename(to), node);
      nameChanges.push({
        kind: 'rename',
        from: source,
        fromName: basename(from),
        to: target,
        toName: basename(to),
        node,
      });
    },
    unlink: async (path) => {
      const node = find(path);
      if (node === null) return;
      if (node.kind !== 'file') throw systemError('EISDIR');
      remove(path);
    },
    removeFolder: async (path) => {
      const node = find(path);
      if (node === null) return;
      if (node.kind !== 'folder') throw systemError('ENOTDIR');
      if (node.now.size > 0) throw systemError('ENOTEMPTY');
      remove(path);
    },
    freeBytes: async () => FREE_BYTES,
    modifiedWallMs: async (path) => (find(path)?.kind === 'file' ? 0 : null),
    fingerprint: async (path) => {
      const node = find(path);
      return node?.kind === 'file' ? { sizeBytes: node.content.sizeBytes(), mtimeMs: 0, inode: 0 } : null;
    },
    syncFolder: async (path) => {
      const folder = folderAt(path);
      const isOf = (change: NameChange): boolean =>
        change.kind === 'rename' ? change.from === folder || change.to === folder : change.folder === folder;
      for (const change of nameChanges.filter(isOf)) applyDurably(change);
      nameChanges = nameChanges.filter((change) => !isOf(change));
    },
  };
  const remove = (path: string): void => {
    const folder = folderAt(dirname(path));
    folder.now.delete(basename(path));
    nameChanges.push({ kind: 'remove', folder, name: basename(path) });
  };

  const imageOf = (
    entriesOf: (folder: FolderNode) => ReadonlyMap<string, Node>,
    bytesOf: (file: FileNode) => Uint8Array,
  ): DiskImage => {
    const image = new Map<string, Uint8Array | null>();
    const walk = (folder: FolderNode, path: string): void => {
      for (const [name, node] of entriesOf(folder)) {
        const at = join(path, name);
        image.set(at, node.kind === 'folder' ? null : bytesOf(node));
        if (node.kind === 'folder') walk(node, at);
      }
    };
    const start = find(base);
    if (start?.kind === 'folder') walk(start, base);
    return image;
  };

  return {
    files,
    image: () =>
      imageOf(
        (folder) => folder.now,
        (file) => file.content.bytes(),
      ),
    cut: (random) => {
      const names = new Map<FolderNode, Map<string, Node>>();
      const namesOf = (folder: FolderNode): Map<string, Node> => {
        const known = names.get(folder) ?? new Map(folder.durable);
        names.set(folder, known);
        return known;
      };
      for (const change of nameChanges) {
        // A name that was only added is gone; of a rename or a removal either side may be what comes back.
        if (change.kind === 'add' || random() < 0.5) continue;
        applyTo(change, namesOf);
      }
      const unsynced = new Set<FileNode>();
      imageOf(namesOf, (file) => {
        if (file.unsynced.length > 0) unsynced.add(file);
        return new Uint8Array(0);
      });
      const torn = [...unsynced][Math.floor(random() * unsynced.size)] ?? null;
      // Cached pages reach a disk in order or not at all in order: both leave files that no program wrote.
      const inOrder = random() < 0.34;
      return imageOf(namesOf, (file) => (file === torn ? tornBytes(file, inOrder, random) : file.durable.bytes()));
    },
  };
}

/** Writes an image into the real folder of the same path, which must be empty. */
export async function materialise(image: DiskImage): Promise<void> {
  for (const [path, bytes] of image) {
    if (bytes === null) await mkdir(path, { recursive: true });
    else await writeFile(path, bytes);
  }
}

/** Removes all that is in a real folder. */
export async function emptyFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
}

/** The durable bytes of a file and a part of what came after: the last write torn, with the others before it or without them. */
function tornBytes(file: FileNode, inOrder: boolean, random: () => number): Uint8Array {
  const content = createContent(file.durable.bytes());
  const last = file.unsynced.findLastIndex((change) => change.kind === 'write');
  if (inOrder) for (const change of file.unsynced.slice(0, Math.max(0, last))) applyChange(content, change);
  const change = file.unsynced[last];
  if (change?.kind === 'write') {
    const tornAt = change.at + Math.floor(random() * change.bytes.length);
    // Over bytes that are there already a disk writes whole sectors or none; an append may end anywhere.
    const endsAt = tornAt < content.sizeBytes() ? tornAt - (tornAt % SECTOR_BYTES) : tornAt;
    if (endsAt > change.at) content.write(change.at, change.bytes.subarray(0, endsAt - change.at));
  }
  return content.bytes();
}

function applyDurably(change: NameChange): void {
  applyTo(change, (folder) => folder.durable);
}

function applyTo(change: NameChange, namesOf: (folder: FolderNode) => Map<string, Node>): void {
  switch (change.kind) {
    case 'add':
      namesOf(change.folder).set(change.name, change.node);
      return;
    case 'remove':
      namesOf(change.folder).delete(change.name);
      return;
    case 'rename':
      namesOf(change.from).delete(change.fromName);
      namesOf(change.to).set(change.toName, change.node);
      return;
  }
}

function openNode(node: FileNode): OpenFile {
  return {
    write: async (bytes, positionBytes) => {
      const change: Change = { kind: 'write', at: positionBytes, bytes: bytes.slice() };
      applyChange(node.content, change);
      node.unsynced.push(change);
    },
    read: async (positionBytes, lengthBytes) => node.content.read(positionBytes, lengthBytes),
    sizeBytes: async () => node.content.sizeBytes(),
    truncate: async (sizeBytes) => {
      const change: Change = { kind: 'truncate', sizeBytes };
      applyChange(node.content, change);
      node.unsynced.push(change);
    },
    sync: async () => {
      for (const change of node.unsynced.splice(0)) applyChange(node.durable, change);
    },
    close: async () => undefined,
  };
}

function applyChange(content: Content, change: Change): void {
  if (change.kind === 'write') content.write(change.at, change.bytes);
  else content.truncate(change.sizeBytes);
}

type Content = {
  write: (at: number, bytes: Uint8Array) => void;
  read: (at: number, lengthBytes: number) => Uint8Array;
  truncate: (sizeBytes: number) => void;
  sizeBytes: () => number;
  bytes: () => Uint8Array;
};

/** Bytes that grow; a place that was never written reads as zeros. */
function createContent(start: Uint8Array = new Uint8Array(0)): Content {
  let buffer = start.slice();
  let size = start.length;
  const reserve = (sizeBytes: number): void => {
    if (sizeBytes <= buffer.length) return;
    const larger = new Uint8Array(sizeBytes * 2);
    larger.set(buffer.subarray(0, size));
    buffer = larger;
  };
  return {
    write: (at, bytes) => {
      reserve(at + bytes.length);
      buffer.set(bytes, at);
      size = Math.max(size, at + bytes.length);
    },
    read: (at, lengthBytes) => buffer.slice(at, Math.max(at, Math.min(size, at + lengthBytes))),
    truncate: (sizeBytes) => {
      reserve(sizeBytes);
      buffer.fill(0, Math.min(sizeBytes, size));
      size = sizeBytes;
    },
    sizeBytes: () => size,
    bytes: () => buffer.slice(0, size),
  };
}
