import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { Recording } from '../../contract/recording.ts';
import type { Files, Ids } from './ports.ts';
import { BIN_FOLDER } from './recording-folder.ts';

/** Why a recording must not be deleted now, in words; null when it may be. */
export function deletionRefusal(recording: Pick<Recording, 'status' | 'cloud'>): string | null {
  switch (recording.status) {
    case 'recording':
    case 'paused':
    case 'stopping':
      return 'It is being recorded.';
    case 'processing':
    case 'interrupted':
      return 'It is still being saved.';
    case 'completed':
    case 'failed':
      break;
  }
  const { state } = recording.cloud;
  return state === 'queued' || state === 'uploading' ? 'It is being uploaded.' : null;
}

/** Why clean-up leaves a recording alone: besides the above, whatever is the only copy of something unfinished. */
export function cleanUpRefusal(recording: Pick<Recording, 'status' | 'cloud'>): string | null {
  const refusal = deletionRefusal(recording);
  if (refusal !== null) return refusal;
  if (recording.status === 'failed') return 'It could not be finished: its raw files are the only copy.';
  return recording.cloud.state === 'failed' ? 'Its upload was not verified.' : null;
}

/**
 * Deletes a folder below the root: renamed into the bin in one step, then emptied. Links are removed, never followed; a
 * folder that is itself a link is refused.
 */
export async function deleteFolder(files: Files, ids: Ids, root: string, name: string): Promise<void> {
  const from = join(root, name);
  const kind = await files.kind(from);
  if (kind === null) return;
  if (kind !== 'folder')
    throw new AppError('CONFLICT', `${from} is not a folder of a recording, so it was left alone.`);
  const bin = join(root, BIN_FOLDER);
  await files.makeFolder(bin);
  if ((await files.kind(bin)) !== 'folder')
    throw new AppError('CONFLICT', `${bin} is not a folder, so nothing was deleted.`);
  const binned = join(bin, `${name}.${ids.next()}`);
  await files.rename(from, binned);
  await files.syncFolder(bin);
  await files.syncFolder(root);
  await removeTree(files, binned);
}

/** Empties the bin: what a crash left there between rename and unlink. Returns how many entries went; one that cannot go stays. */
export async function emptyBin(files: Files, root: string): Promise<number> {
  const bin = join(root, BIN_FOLDER);
  if ((await files.kind(bin)) !== 'folder') return 0;
  const entries = await files.list(bin);
  let removed = 0;
  for (const entry of entries) {
    try {
      await removeTree(files, join(bin, entry.name));
      removed += 1;
    } catch {
      // It must not keep the others there.
    }
  }
  return removed;
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
