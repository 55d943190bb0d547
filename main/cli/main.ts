import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { runInProcess } from './run-in-process.ts';

const repositoryRoot = dirname(dirname(import.meta.dirname));
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8')));

process.exitCode = await runInProcess(process.argv.slice(2), {
  version,
  profileFolder: null,
  launch: (profileFolder) => ({
    command: process.execPath,
    args: [
      join(repositoryRoot, 'scripts', 'start.mjs'),
      '--control-port=0',
      ...(profileFolder === null ? [] : [`--user-data-dir=${profileFolder}`]),
    ],
    environment: process.env,
  }),
});
