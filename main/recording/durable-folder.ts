import { dirname } from 'node:path';
import { fileErrorCode } from './ports.ts';
import type { Files } from './ports.ts';

/**
 * Makes a folder and what is missing above it; their names survive a power cut when it returns. Syncing what is inside a folder
 * says nothing of the folder's own name: the whole of a first recording went with it in the power-cut scenario.
 */
export async function makeDurableFolder(files: Files, path: string): Promise<void> {
  const missing: string[] = [];
  for (let at = path; dirname(at) !== at && (await files.kind(at)) === null; at = dirname(at)) missing.push(at);
  await files.makeFolder(path);
  for (const at of missing.toReversed()) {
    try {
      await files.syncFolder(dirname(at));
    } catch (error) {
      // A folder that may be written and not read cannot be synced; that is no reason not to record.
      const code = fileErrorCode(error);
      if (code !== 'EACCES' && code !== 'EPERM') throw error;
    }
  }
}
