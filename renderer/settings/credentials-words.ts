import type { CloudProvider, CredentialsInUse } from '../../contract/cloud.ts';
import { assertNever } from '../../contract/errors.ts';

/** Which credentials are in use and how they are kept. */
export type CredentialsWords = { what: string; how: string };

/** Entered credentials, a key by the end of its id (whose dots for the rest are a word here) and an account by its address. */
function labelWords(provider: CloudProvider, label: string): string {
  return provider === 'gcs' ? `Account ${label}` : `Key ending in ${label.replace(/^…/u, '')}`;
}

/** Credentials in words; nothing in them opens anything. */
export function credentialsWords(provider: CloudProvider, credentials: CredentialsInUse): CredentialsWords {
  switch (credentials.kind) {
    case 'none':
      return { what: 'No key yet', how: 'Nothing can be sent before there is one.' };
    case 'stored':
      return { what: labelWords(provider, credentials.label), how: keptWords(credentials.kept) };
    case 'profile':
      return {
        what: `Profile “${credentials.label}”`,
        how: 'Read from the AWS config on this computer when it is needed.',
      };
    case 'default':
      return {
        what: "What the provider's own tools find on this computer",
        how: 'Nothing is kept by Tallylight.',
      };
    case 'environment':
      return { what: labelWords(provider, credentials.label), how: 'Only in memory, in this run.' };
    default:
      return assertNever(credentials);
  }
}

function keptWords(kept: Extract<CredentialsInUse, { kind: 'stored' }>['kept']): string {
  switch (kept) {
    case 'encrypted':
      return 'Kept on this computer, encrypted by its key store.';
    case 'unprotected':
      return 'Kept on this computer unprotected, as you allowed.';
    case 'untilQuit':
      return 'Kept until you quit. After the next start you enter it again.';
    default:
      return assertNever(kept);
  }
}
