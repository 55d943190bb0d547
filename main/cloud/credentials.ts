/** What opens a bucket: exists only in main's memory and, protected, in the secrets store. */
export type Credentials =
  | { kind: 's3Keys'; accessKeyId: string; secretAccessKey: string; sessionToken: string | null }
  /** A profile of the shared AWS config. */
  | { kind: 's3Profile'; profile: string }
  | { kind: 'gcsServiceAccount'; clientEmail: string; privateKey: string; projectId: string | null }
  /** Whatever the provider's own tools find on this computer. */
  | { kind: 'default' };
