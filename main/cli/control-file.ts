import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { CONTROL_FILE, controlFileSchema, type ControlFile } from '../../contract/control.ts';

/** Ours has about 150 bytes. */
const MAX_BYTES = 4096;

const OTHERS_MAY_WRITE = 0o022;

/** What the profile says of a running app. */
export type FoundControl =
  | { kind: 'found'; file: ControlFile }
  | { kind: 'absent' }
  /** Left behind by an app that is gone. */
  | { kind: 'stale' }
  | { kind: 'unsafe'; message: string };

export type ControlFilePorts = {
  /** The own user's id; null where the system has none. */
  uid: number | null;
  isAlive(pid: number): boolean;
};

/** Reads control.json of a profile. Whoever can write that file would get what is sent: so nobody else may. */
export async function readControlFile(profileFolder: string, ports: ControlFilePorts): Promise<FoundControl> {
  const path = join(profileFolder, CONTROL_FILE);
  let handle: FileHandle;
  try {
    // Neither through a link that somebody laid, nor waiting at a pipe.
    handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    if (code === 'ELOOP') return { kind: 'unsafe', message: `${path} is a link, so it is not believed.` };
    return { kind: 'unsafe', message: `${path} cannot be read (${String(code)}).` };
  }
  try {
    const { mode, uid, size } = await handle.stat();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || size > MAX_BYTES) {
      return { kind: 'unsafe', message: `${path} is not what Tallylight writes.` };
    }
    if (ports.uid !== null && uid !== ports.uid && ports.uid !== 0) {
      return { kind: 'unsafe', message: `${path} belongs to another user, so it is not believed.` };
    }
    if (ports.uid !== null && (mode & OTHERS_MAY_WRITE) !== 0) {
      return { kind: 'unsafe', message: `Others may write ${path}, so it is not believed. Restart Tallylight.` };
    }
    const parsed = parseUntrusted(controlFileSchema, parseJson(await handle.readFile('utf8')));
    if (!parsed.success) return { kind: 'unsafe', message: `${path} is not what Tallylight writes.` };
    return ports.isAlive(parsed.data.pid) ? { kind: 'found', file: parsed.data } : { kind: 'stale' };
  } finally {
    await handle.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
