/** How well this computer protects what it keeps. */
export type Protection = 'encrypted' | 'unprotected';

/** Turns secrets into text that may lie in a file, and back; Electron's safeStorage in the app (main/shell/vault.ts). */
export type Vault = {
  protection: () => Promise<Protection>;
  /** Base64 of the protected text. */
  protect: (plain: string) => Promise<string>;
  /** `stale`: it should be protected anew, better than it was. Rejects with SECRETS_UNAVAILABLE when it was protected elsewhere or is damaged. */
  reveal: (protectedText: string) => Promise<{ plain: string; stale: boolean }>;
};

/** How long a secret is kept. */
export type Keeping = Protection | 'untilQuit';

/** Secrets by name. Where they cannot be protected they live until the app quits, unless the person agreed to more. */
export type Secrets = {
  protection: () => Promise<Protection>;
  get: (name: string) => Promise<string | null>;
  /** Says how long it is kept. */
  set: (name: string, value: string) => Promise<Keeping>;
  remove: (name: string) => Promise<void>;
  /** How a secret is kept; null when there is none. */
  keptHow: (name: string) => Promise<Keeping | null>;
  names: () => Promise<string[]>;
  unprotectedAllowed: () => boolean;
  /** Allowing keeps what is there now; no longer allowing takes it off the disk at once. */
  allowUnprotected: (allowed: boolean) => Promise<void>;
};
