import { z } from 'zod';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import type { NewCredentials } from '../../contract/cloud.ts';
import type { Checked } from './setting-check.ts';

/** Largest text that the contract takes. */
export const MAX_KEY_FILE_CHARACTERS = 20_000;

// https://developers.google.com/workspace/guides/create-credentials#service-account : what such a file holds.
const serviceAccountSchema = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(3),
  private_key: z.string().includes('PRIVATE KEY'),
});

/** Looks whether a text is the key file of a service account, before it is sent anywhere; main reads it again. */
export function checkKeyFile(text: string): Checked<NewCredentials> {
  const json = text.trim();
  if (json === '') return { ok: false, reason: 'Paste the whole file, or choose it.' };
  if (json.length > MAX_KEY_FILE_CHARACTERS) return { ok: false, reason: 'This is too long to be a key file.' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return { ok: false, reason: 'This is not JSON. Paste the whole file, from { to }.' };
  }
  return parseUntrusted(serviceAccountSchema, parsed).success
    ? { ok: true, value: { kind: 'gcsJson', json } }
    : { ok: false, reason: 'This is JSON, but not the key file of a service account.' };
}

/** Reads typed S3 keys. */
export function checkS3Keys(typed: {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}): Checked<NewCredentials> {
  const accessKeyId = typed.accessKeyId.trim();
  const secretAccessKey = typed.secretAccessKey.trim();
  const sessionToken = typed.sessionToken.trim();
  if (accessKeyId === '' || secretAccessKey === '') {
    return { ok: false, reason: 'A key has two parts: its ID and its secret.' };
  }
  if (accessKeyId.length > 200 || secretAccessKey.length > 1000 || sessionToken.length > 8000) {
    return { ok: false, reason: 'This is too long to be a key.' };
  }
  return {
    ok: true,
    value: { kind: 's3Keys', accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) },
  };
}
