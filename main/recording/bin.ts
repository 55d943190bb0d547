import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import { binName, goneName, isBegunDeletion, parseBinName } from './bin-names.ts';
import type { BinName } from './bin-names.ts';
import { hasStart } from './journal.ts';
import type { Files } from './ports.ts';
import { BIN_FOLDER, DELIVERABLES_FOLDER, SEGMENTS_FOLDER } from './recording-folder.ts';

/** An entry as it lies on the disk. */
export type BinnedFolder = BinName & { name: string; path: string };

/** What leaves when the media leave: all else in the folder of a recording stays. */
const MEDIA_FOLDERS = [DELIVERABLES_FOLDER, SEGMENTS_FOLDER] as const;

/** The entries of a root's bin that the app put there; whatever else lies there is left alone. */
export async function listBin(files: Files, root: string): Promise<BinnedFolder[]> {
  const bin = join(root, BIN_FOLDER);
  if ((await files.kind(bin)) !== 'folder') return [];
  const entries = await files.list(bin);
  return entries.flatMap(({ name, kind }) => {
    const parsed = parseBinName(name);
    return kind === 'folder' && parsed !== null ? [{ ...parsed, name, path: join(bin, name) }] : [];
  });
}

/**
 * Throws CONFLICT unless this is a real folder whose journal begins with the start of this very recording: whatever else
 * lies there is somebody else's.
 */
export async function requireOurs(files: Files, folder: string, recordingId: RecordingId): Promise<void> {
  if ((await files.kind(folder)) !== 'folder') {
    throw new AppError('CONFLICT', `${folder} is not a folder of a recording, so it was left alone.`);
  }
  if (!(await hasStart(files, folder, recordingId).catch(() => false))) {
    throw new AppError('CONFLICT', `What lies in ${folder} is not this recording, so it was left alone.`);
  }
}

/** Renames the folder of a recording into the bin of its root; returns the name of the entry. */
export async function moveIntoBin(
  files: Files,
  root: string,
  recordingId: RecordingId,
  nowWallMs: number,
): Promise<string> {
  const folder = join(root, recordingId);
  await requireOurs(files, folder, recordingId);
  const name = await freeName(files, await makeBin(files, root), {
    recordingId,
    binnedWallMs: nowWallMs,
    kind: 'recording',
  });
  await files.rename(folder, join(root, BIN_FOLDER, name));
  await syncBoth(files, root);
  return name;
}

/** Renames an entry back to where it was; throws CONFLICT when something else lies there now. */
export async function moveOutOfBin(files: Files, root: string, entry: BinnedFolder): Promise<void> {
  await requireOurs(files, entry.path, entry.recordingId);
  const folder = join(root, entry.recordingId);
  if ((await files.kind(folder)) !== null) {
    throw new AppError('CONFLICT', `There is something else at ${folder}, so it stays in the bin.`);
  }
  await files.rename(entry.path, folder);
  await syncBoth(files, root);
}

/** A name in the bin for the media of a recording. Throws CONFLICT when they must not be moved, with nothing changed. */
export async function nameForMedia(
  files: Files,
  root: string,
  recordingId: RecordingId,
  nowWallMs: number,
): Promise<string> {
  const folder = join(root, recordingId);
  await requireOurs(files, folder, recordingId);
  for (const media of MEDIA_FOLDERS) await isThere(files, join(folder, media));
  return freeName(files, await makeBin(files, root), { recordingId, binnedWallMs: nowWallMs, kind: 'media' });
}

/** Renames the media of a recording into an entry of the bin; done again after a crash, it goes on where it was. */
export async function mediaIntoBin(files: Files, root: string, recordingId: RecordingId, name: string): Promise<void> {
  const folder = join(root, recordingId);
  await requireOurs(files, folder, recordingId);
  const entry = join(await makeBin(files, root), name);
  if (parseBinName(name) === null) throw new AppError('CONFLICT', `${entry} is no name of the bin.`);
  await files.makeFolder(entry);
  if (!(await isThere(files, entry))) throw new AppError('CONFLICT', `${entry} cannot be made.`);
  await files.syncFolder(join(root, BIN_FOLDER));
  await moveMedia(files, folder, entry);
}

/** The way back; whatever is not in the bin is left out. Returns whether there was such an entry. */
export async function mediaOutOfBin(
  files: Files,
  root: string,
  recordingId: RecordingId,
  name: string,
): Promise<boolean> {
  const bin = join(root, BIN_FOLDER);
  const entry = join(bin, name);
  if (parseBinName(name)?.kind !== 'media' || !(await isThere(files, bin)) || !(await isThere(files, entry)))
    return false;
  const folder = join(root, recordingId);
  await requireFolder(files, folder);
  await moveMedia(files, entry, folder);
  // Only when nothing is left in it: what somebody else put there stays.
  if ((await files.list(entry)).length === 0) await files.removeFolder(entry);
  await files.syncFolder(bin);
  return true;
}

/** Deletes an entry for good: renamed first, so that it is no entry any more at whatever instant the app dies. */
export async function removeFromBin(files: Files, root: string, name: string): Promise<void> {
  const bin = join(root, BIN_FOLDER);
  await requireFolder(files, bin);
  const gone = join(bin, goneName(name));
  await files.rename(join(bin, name), gone);
  await files.syncFolder(bin);
  await removeTree(files, gone);
}

/** Deletes the folder of a recording that never was one for anybody, without a stay in the bin. */
export async function discardFolder(
  files: Files,
  root: string,
  recordingId: RecordingId,
  nowWallMs: number,
): Promise<void> {
  await removeFromBin(files, root, await moveIntoBin(files, root, recordingId, nowWallMs));
}

/** Goes on with deletions that were begun. Returns how many entries went; one that cannot go stays. */
export async function finishDeletions(files: Files, root: string): Promise<number> {
  const bin = join(root, BIN_FOLDER);
  if ((await files.kind(bin)) !== 'folder') return 0;
  const begun = (await files.list(bin)).filter(({ name }) => isBegunDeletion(name));
  let removed = 0;
  for (const { name } of begun) {
    try {
      await removeTree(files, join(bin, name));
      removed += 1;
    } catch {
      // It must not keep the others there.
    }
  }
  return removed;
}

/** Which of the media folders are at this place. */
export async function hasMedia(files: Files, folder: string): Promise<boolean> {
  for (const media of MEDIA_FOLDERS) if ((await files.kind(join(folder, media))) !== null) return true;
  return false;
}

/** All bytes below a folder; links count for nothing. */
export async function treeBytes(files: Files, path: string): Promise<number> {
  let bytes = 0;
  for (const { name, kind } of await files.list(path)) {
    const at = join(path, name);
    if (kind === 'folder') bytes += await treeBytes(files, at);
    else if (kind === 'file') bytes += (await files.sizeBytes(at)) ?? 0;
  }
  return bytes;
}

async function makeBin(files: Files, root: string): Promise<string> {
  const bin = join(root, BIN_FOLDER);
  const kind = await files.kind(bin);
  if (kind === null) {
    await files.makeFolder(bin);
    await files.syncFolder(root);
  }
  await requireFolder(files, bin);
  return bin;
}

async function requireFolder(files: Files, path: string): Promise<void> {
  if ((await files.kind(path)) === 'folder') return;
  throw new AppError('CONFLICT', `${path} is not a folder, so nothing was moved.`);
}

/** Whether a folder is there; throws CONFLICT when something else has its name. */
async function isThere(files: Files, path: string): Promise<boolean> {
  if ((await files.kind(path)) === null) return false;
  await requireFolder(files, path);
  return true;
}

async function freeName(files: Files, bin: string, wanted: BinName): Promise<string> {
  for (let binnedWallMs = wanted.binnedWallMs; ; binnedWallMs += 1) {
    const name = binName({ ...wanted, binnedWallMs });
    if ((await files.kind(join(bin, name))) === null && (await files.kind(join(bin, goneName(name)))) === null) {
      return name;
    }
  }
}

async function moveMedia(files: Files, from: string, to: string): Promise<void> {
  for (const media of MEDIA_FOLDERS) {
    const source = join(from, media);
    if (!(await isThere(files, source))) continue;
    const target = join(to, media);
    // An empty folder of that name holds nothing that could be lost; a full one refuses to be removed.
    if (await isThere(files, target)) await files.removeFolder(target);
    await files.rename(source, target);
  }
  await files.syncFolder(to);
  await files.syncFolder(from);
}

async function syncBoth(files: Files, root: string): Promise<void> {
  // The new name first: at no instant neither of the two is on the disk.
  await files.syncFolder(join(root, BIN_FOLDER));
  await files.syncFolder(root);
}

async function removeTree(files: Files, path: string): Promise<void> {
  // Asked again at each level: `kind` does not follow links, so a link is unlinked like a file.
  if ((await files.kind(path)) !== 'folder') {
    await files.unlink(path);
    return;
  }
  for (const entry of await files.list(path)) await removeTree(files, join(path, entry.name));
  await files.removeFolder(path);
}
