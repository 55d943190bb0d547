import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const repositoryRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The folder for everything that set-up can make again. */
export const cacheFolder = join(repositoryRoot, '.cache');

/** The folder where npm links the tools of this project. */
export const localBinFolder = join(repositoryRoot, 'node_modules', '.bin');
