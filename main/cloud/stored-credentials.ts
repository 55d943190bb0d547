import { z } from 'zod';
import type { Destination, NewCredentials } from '../../contract/cloud.ts';
import { AppError, assertNever } from '../../contract/errors.ts';
import type { Credentials } from './credentials.ts';
import { parseServiceAccount } from './service-account.ts';

type KeptCredentials = Extract<Credentials, { kind: 's3Keys' | 'gcsServiceAccount' }>;

const keptSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('s3Keys'),
    accessKeyId: z.string().min(1),
    secretAccessKey: z.string().min(1),
    sessionToken: z.string().nullable(),
  }),
  z.object({
    kind: z.literal('gcsServiceAccount'),
    clientEmail: z.string().min(1),
    privateKey: z.string().min(1),
    projectId: z.string().nullable(),
  }),
]);

/** Under which name the secrets store has the credentials of a provider. */
export const secretNameOf = (provider: Destination['provider']): string => `credentials:${provider}`;

/** The provider that credentials open. */
export const providerOf = ({ kind }: KeptCredentials): Destination['provider'] => (kind === 's3Keys' ? 's3' : 'gcs');

/** Checks what a person entered; CLOUD_CREDENTIALS_INVALID says in words what is missing. */
export function readNewCredentials(entered: NewCredentials): KeptCredentials {
  switch (entered.kind) {
    case 's3Keys':
      return {
        kind: 's3Keys',
        accessKeyId: entered.accessKeyId,
        secretAccessKey: entered.secretAccessKey,
        sessionToken: entered.sessionToken === undefined || entered.sessionToken === '' ? null : entered.sessionToken,
      };
    case 'gcsJson':
      return parseServiceAccount(entered.json);
    default:
      return assertNever(entered);
  }
}

/** The text that goes into the secrets store. */
export const formatKept = (credentials: KeptCredentials): string => JSON.stringify(credentials);

/** Reads it again. */
export function parseKept(text: string, provider: Destination['provider']): KeptCredentials {
  try {
    const kept = keptSchema.parse(JSON.parse(text));
    if (providerOf(kept) === provider) return kept;
  } catch {
    // The cause would hold what was read.
  }
  throw new AppError('SECRETS_UNAVAILABLE', 'The stored credentials are damaged. Enter them again.');
}

/** What may be shown of credentials: the end of the key's id, or the account's address. */
export function labelOf(credentials: Credentials): string {
  switch (credentials.kind) {
    case 's3Keys':
      // A short id is hidden whole but for two signs: the rest could be guessed.
      return `…${credentials.accessKeyId.slice(credentials.accessKeyId.length >= 8 ? -4 : -2)}`;
    case 'gcsServiceAccount':
      return credentials.clientEmail;
    case 's3Profile':
      return credentials.profile;
    case 'default':
      return '';
    default:
      return assertNever(credentials);
  }
}
