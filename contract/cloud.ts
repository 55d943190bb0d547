import { z } from 'zod';
import { errorShapeSchema } from './errors.ts';

export const cloudProviderSchema = z.enum(['none', 's3', 'gcs']);
export type CloudProvider = z.infer<typeof cloudProviderSchema>;

/** Where a recording's files go: fixed when they are queued, whatever the settings say later. */
export const destinationSchema = z.object({
  provider: z.enum(['s3', 'gcs']),
  bucket: z.string().min(1).max(255),
  /** Empty: the provider's default. */
  region: z.string().max(64),
  /** http(s) address of an S3-compatible server; empty: Amazon's own (S3) or Google's (GCS). */
  endpoint: z.string().max(500),
  pathStyle: z.boolean(),
});
export type Destination = z.infer<typeof destinationSchema>;

export const cloudStateSchema = z.enum(['none', 'queued', 'uploading', 'verified', 'failed']);

/** One finished file on its way to the bucket. `verifying`: all bytes are there and are being compared. */
export const cloudFileSchema = z.object({
  /** Path relative to the recording's folder. */
  file: z.string(),
  key: z.string(),
  sizeBytes: z.number(),
  /** `changed`: it was verified, and then the file here changed. */
  state: z.enum(['queued', 'uploading', 'verifying', 'verified', 'failed', 'changed']),
});
export type CloudFile = z.infer<typeof cloudFileSchema>;

/** Why nothing is sent at present although something is queued. */
export const cloudWaitSchema = z.enum(['recording', 'call', 'offline', 'busyServer', 'turn', 'setUp']);
export type CloudWait = z.infer<typeof cloudWaitSchema>;

/** What a recording has in the bucket. */
export const recordingCloudSchema = z.object({
  state: cloudStateSchema,
  /** Held by the person. */
  paused: z.boolean(),
  /** Null while something moves, or nothing is to be sent. */
  waiting: cloudWaitSchema.nullable(),
  sentBytes: z.number(),
  totalBytes: z.number(),
  bytesPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  error: errorShapeSchema.nullable(),
  destination: destinationSchema.nullable(),
  files: z.array(cloudFileSchema),
  /** Whether every finished file of the recording is verified in the bucket: only then the local copy is not the last one. */
  complete: z.boolean(),
  /** Something is left to do that the states do not tell: to queue it, or to remove unfinished parts from the bucket. */
  unsettled: z.boolean(),
});
export type RecordingCloud = z.infer<typeof recordingCloudSchema>;

export const NO_CLOUD: RecordingCloud = {
  state: 'none',
  paused: false,
  waiting: null,
  sentBytes: 0,
  totalBytes: 0,
  bytesPerSecond: null,
  secondsLeft: null,
  error: null,
  destination: null,
  files: [],
  complete: false,
  unsettled: false,
};

/** Credentials as a person enters them; they go to main once and never come back. */
export const newCredentialsSchema = z.discriminatedUnion('kind', [
  z
    .object({
      kind: z.literal('s3Keys'),
      accessKeyId: z.string().trim().min(1).max(200),
      secretAccessKey: z.string().trim().min(1).max(1000),
      sessionToken: z.string().trim().max(8000).optional(),
    })
    .strict(),
  /** The JSON file of a Google service account, as text. */
  z.object({ kind: z.literal('gcsJson'), json: z.string().min(2).max(20_000) }).strict(),
]);
export type NewCredentials = z.infer<typeof newCredentialsSchema>;

/** Which credentials are in use; nothing in it opens anything. */
export const credentialsInUseSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({
    kind: z.literal('stored'),
    /** The end of the access key's id, or the account's address. */
    label: z.string().max(300),
    /** `untilQuit`: this computer can only keep them unprotected, and the person did not agree to that. */
    kept: z.enum(['encrypted', 'unprotected', 'untilQuit']),
  }),
  z.object({ kind: z.literal('profile'), label: z.string().max(300) }),
  z.object({ kind: z.literal('default') }),
  z.object({ kind: z.literal('environment'), label: z.string().max(300) }),
]);
export type CredentialsInUse = z.infer<typeof credentialsInUseSchema>;

/** The cloud side as a whole. */
export const cloudStatusSchema = z.object({
  /** Whether there is enough to try: a provider, a bucket and credentials. */
  ready: z.boolean(),
  credentials: credentialsInUseSchema,
  /** Whether this computer can protect what it keeps; null until that is known. */
  protection: z.enum(['encrypted', 'unprotected']).nullable(),
  /** The person agreed to keep credentials unprotected. */
  unprotectedAllowed: z.boolean(),
  waiting: cloudWaitSchema.nullable(),
  queuedRecordings: z.int().min(0),
});
export type CloudStatus = z.infer<typeof cloudStatusSchema>;

/** What "Test connection" found. */
export const connectionTestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('works'), tookMs: z.number() }),
  z.object({
    kind: z.literal('fails'),
    step: z.enum(['setUp', 'write', 'read', 'compare', 'delete']),
    error: errorShapeSchema,
  }),
]);
export type ConnectionTest = z.infer<typeof connectionTestSchema>;

/** Longest life of a link, seconds: the limit of signature version 4 on both providers. */
export const MAX_LINK_SECONDS = 7 * 24 * 3600;
