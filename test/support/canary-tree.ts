import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { loadLane } from './lanes.ts';

/** What lies where below a folder: kind, size, time of change, and hash or target of each entry. */
export type TreePicture = ReadonlyMap<string, string>;

/** Plants files beside and inside the folders of an app, which none of its requests may read, change or remove. */
export async function plantCanaries(folders: readonly string[]): Promise<string[]> {
  const planted: string[] = [];
  // What a recording's own files look like, so that a program that got there would think it its own.
  const media = Buffer.concat(loadLane('mix-vp8.webm').chunks);
  for (const folder of folders) {
    for (const [name, content] of [
      ['canary.webm', media],
      ['canary/deliverables/mix.webm', media],
      ['canary/journal.jsonl', Buffer.from('["00000000",{}]\n')],
      ['canary.txt', Buffer.from(CANARY_WORDS)],
    ] as const) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      planted.push(path);
    }
  }
  return planted;
}

/** The content of every text canary. */
export const CANARY_WORDS = 'nobody has any business in here: canary 5a1f\n';

/** Takes a picture of everything below a folder, without following links. */
export async function pictureOf(root: string): Promise<TreePicture> {
  const picture = new Map<string, string>();
  const look = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const { size, mtimeNs, ino } = await lstat(path, { bigint: true });
      if (entry.isSymbolicLink()) picture.set(path, `link to ${await readlink(path)}`);
      else if (entry.isDirectory()) {
        picture.set(path, 'folder');
        await look(path);
      } else {
        const hash = createHash('sha256')
          .update(await readFile(path))
          .digest('hex');
        picture.set(path, `${size} bytes, ${hash}, changed at ${mtimeNs}, inode ${ino}`);
      }
    }
  };
  await look(root);
  return picture;
}

/** What differs between two pictures, but for what the app itself may write. */
export function differences(
  root: string,
  before: TreePicture,
  after: TreePicture,
  mayChange: (path: string) => boolean,
): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].flatMap((path) => {
    if (before.get(path) === after.get(path) || mayChange(path)) return [];
    return [`${relative(root, path)}: ${before.get(path) ?? 'nothing'} became ${after.get(path) ?? 'nothing'}`];
  });
}
