import { createPrivateKey } from 'node:crypto';
import { AppError } from '../../contract/errors.ts';
import type { Credentials } from './credentials.ts';

type ServiceAccount = Extract<Credentials, { kind: 'gcsServiceAccount' }>;

const invalid = (why: string): AppError =>
  new AppError('CLOUD_CREDENTIALS_INVALID', `This is not the JSON file of a Google service account: ${why}`);

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === 'private';
  } catch {
    // The library's message may show parts of what it read.
    return false;
  }
}

/** Reads the JSON file of a Google service account; what is missing is said in words that hold nothing of it. */
export function parseServiceAccount(text: string): ServiceAccount {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw invalid('it is not JSON. Choose the file that Google Cloud offered when the key was made.');
  }
  return readServiceAccount(found);
}

/** Checks what was read of such a file. */
export function readServiceAccount(found: unknown): ServiceAccount {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw invalid('it holds no fields.');
  const field = (name: string): string => {
    const value: unknown = Object.hasOwn(found, name) ? Reflect.get(found, name) : undefined;
    return typeof value === 'string' ? value.trim() : '';
  };
  const type = field('type');
  if (type === '') throw invalid('“type” is missing; it must be “service_account”.');
  if (type !== 'service_account') throw invalid('“type” is not “service_account”. Make a key for a service account.');
  const clientEmail = field('client_email');
  if (clientEmail === '') throw invalid('“client_email” is missing.');
  if (clientEmail.length > 300 || !/^[^\s@]+@[^\s@]+$/.test(clientEmail)) {
    throw invalid('“client_email” is not an address.');
  }
  // Shells and other tools like to hand the line breaks on as two characters.
  const privateKey = `${field('private_key').replaceAll(String.raw`\n`, '\n')}\n`;
  if (privateKey === '\n') throw invalid('“private_key” is missing.');
  if (!privateKey.startsWith('-----BEGIN ')) throw invalid('“private_key” does not begin with “-----BEGIN”.');
  if (!isPrivateKey(privateKey)) throw invalid('“private_key” is not a whole private key; part of it may be missing.');
  return { kind: 'gcsServiceAccount', clientEmail, privateKey, projectId: field('project_id') || null };
}
