import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeFiles } from '../../main/recording/node-files.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tallylight-files-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('makeFolder', () => {
  test('makes all that is missing, and is content with what is there', async () => {
    const path = join(root, 'a', 'b', 'c');
    await Promise.all([nodeFiles.makeFolder(path), nodeFiles.makeFolder(path)]);
    await nodeFiles.makeFolder(path);
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  test('refuses where a file stands in the way', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(nodeFiles.makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(nodeFiles.makeFolder(join(root, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  test.runIf(process.platform === 'linux')('answers where a file system never lets a folder be made', async () => {
    await expect(nodeFiles.makeFolder('/proc/tallylight/recordings')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
