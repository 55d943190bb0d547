import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { SetupError } from './setup-error.mjs';

/** Throws unless the file has the given integrity (`sha512-<base64>`, as npm writes it). */
export async function assertIntegrity(filePath, integrity) {
  const hash = createHash('sha512');
  await pipeline(createReadStream(filePath), hash);
  const actual = `sha512-${hash.digest('base64')}`;
  if (actual !== integrity) {
    throw new SetupError(
      `${filePath} is not the file that was pinned (${actual}): it was not unpacked`,
      'npm cache clean --force',
    );
  }
}
