import { createHmac, randomBytes } from 'node:crypto';
import { chmod, open } from 'node:fs/promises';
import { z } from 'zod';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { identitySchema, type CallId, type Identity } from '../../contract/ids.ts';
import { removeCutOffWrites, writeWhole } from '../settings/write-whole.ts';
import type { CallsLog } from './calls-ports.ts';

const SECRET_BYTES = 32;
/** More than this is not what was written. */
const LARGEST_FILE_BYTES = 1024;

const fileSchema = z.object({ version: z.literal(1), secret: z.string().regex(/^[0-9a-f]{64}$/) });

/**
 * Who an installation is to one call: the first 128 bits of HMAC-SHA256 over the call's id, in the grammar of ids. Two servers
 * that compare what they saw cannot tell that two of them come from one installation.
 */
export function deriveIdentity(secret: Buffer, callId: CallId): Identity {
  const digest = createHmac('sha256', secret).update(`tallylight.identity.${callId}`).digest('hex');
  const parts = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(12, 16),
    digest.slice(16, 20),
    digest.slice(20, 32),
  ];
  return identitySchema.parse(parts.join('-'));
}

/**
 * Reads the secret of this installation from its file, or makes one (a missing or damaged file is written anew); gives the
 * function that says who the app is to a call. Where nothing can be written, the secret lasts as long as the app runs.
 */
export async function openIdentity(file: string, log: CallsLog): Promise<(callId: CallId) => Identity> {
  await removeCutOffWrites(file);
  const secret = (await readSecret(file, log)) ?? (await makeSecret(file, log));
  return (callId) => deriveIdentity(secret, callId);
}

async function readSecret(file: string, log: CallsLog): Promise<Buffer | null> {
  const text = await readShort(file).catch((error: unknown) => {
    if (!isMissing(error))
      log.warn({ error: String(error) }, 'The identity of this app cannot be read: it gets a new one.');
    return null;
  });
  if (text === null) return null;
  const parsed = parseUntrusted(fileSchema, parseJson(text));
  if (!parsed.success) {
    log.warn({}, 'The identity of this app is damaged: it gets a new one.');
    return null;
  }
  return Buffer.from(parsed.data.secret, 'hex');
}

async function readShort(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(LARGEST_FILE_BYTES + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    // A copy that was put back from elsewhere may be open to others.
    await chmod(file, 0o600);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function makeSecret(file: string, log: CallsLog): Promise<Buffer> {
  const secret = randomBytes(SECRET_BYTES);
  await writeWhole(file, `${JSON.stringify({ version: 1, secret: secret.toString('hex') })}\n`).catch(
    (error: unknown) => {
      log.warn({ error: String(error) }, 'The identity of this app cannot be kept: it lasts until the app closes.');
    },
  );
  return secret;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
