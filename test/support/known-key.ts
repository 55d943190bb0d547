import { createDecipheriv, pbkdf2Sync } from 'node:crypto';

/**
 * Reads what Chromium on Linux makes of a text where there is no keyring: "v10", then AES-128-CBC with a key that stands in its source.
 * https://source.chromium.org/chromium/chromium/src/+/main:components/os_crypt/async/browser/posix_key_provider.cc
 */
export function revealByKnownKey(bytes: Buffer): string {
  if (bytes.subarray(0, 3).toString('latin1') !== 'v10') throw new Error('The text is not under the known key.');
  const key = pbkdf2Sync('peanuts', 'saltysalt', 1, 16, 'sha1');
  const decipher = createDecipheriv('aes-128-cbc', key, Buffer.alloc(16, ' '));
  return Buffer.concat([decipher.update(bytes.subarray(3)), decipher.final()]).toString('utf8');
}
