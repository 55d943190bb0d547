import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { z } from 'zod';

const entrySchema = z.object({ kept: z.enum(['encrypted', 'unprotected']), text: z.base64() }).strict();
/** One secret as it lies in the file: how it is kept, and the text of the vault. */
export type SecretEntry = z.infer<typeof entrySchema>;

/** What the file of secrets says; an entry that cannot be read stays what it is until it is replaced or removed. */
export type SecretsFile = {
  unprotectedAllowed: boolean;
  entries: ReadonlyMap<string, SecretEntry | { kept: 'damaged'; raw: unknown }>;
  /** Nothing of the file could be read: nobody knows which secrets were in it. */
  damaged: boolean;
};

export const EMPTY_SECRETS: SecretsFile = { unprotectedAllowed: false, entries: new Map(), damaged: false };

const fileSchema = z.object({
  version: z.literal(1),
  unprotectedAllowed: z.boolean().catch(false),
  secrets: z.record(z.string(), z.unknown()),
});

/** Reads the text of the file entry by entry, so that damage to one costs no other. */
export function parseSecretsFile(text: string): SecretsFile {
  const damaged: SecretsFile = { ...EMPTY_SECRETS, damaged: true };
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return damaged;
  }
  const file = parseUntrusted(fileSchema, found);
  if (!file.success) return damaged;
  const { unprotectedAllowed, secrets } = file.data;
  const entries = new Map<string, SecretEntry | { kept: 'damaged'; raw: unknown }>();
  for (const [name, raw] of Object.entries(secrets)) {
    const entry = parseUntrusted(entrySchema, raw);
    entries.set(name, entry.success ? entry.data : { kept: 'damaged', raw });
  }
  return { unprotectedAllowed, entries, damaged: false };
}

/** The text of the file. */
export function formatSecretsFile({ unprotectedAllowed, entries }: SecretsFile): string {
  const secrets = Object.fromEntries(
    [...entries].map(([name, entry]) => [name, entry.kept === 'damaged' ? entry.raw : entry]),
  );
  return `${JSON.stringify({ version: 1, unprotectedAllowed, secrets }, null, 2)}\n`;
}
