import { z } from 'zod';
import { cloudProviderSchema } from './cloud.ts';
import { fileFormatSchema } from './recording.ts';

/** Largest call that the mesh carries: every sender encodes its picture once per receiver. */
export const MESH_PARTICIPANT_LIMIT = 6;

/** Why a call takes no more. */
export const MESH_LIMIT_WORDS =
  `It must be at most ${MESH_PARTICIPANT_LIMIT}: in a call every app sends its picture to each of the others by itself, and ` +
  'more than that computers and connections do not carry.';

export const iceServerSchema = z.object({
  urls: z
    .array(z.string().regex(/^(stun|stuns|turn|turns):/))
    .min(1)
    .max(8),
  username: z.string().max(500).optional(),
  credential: z.string().max(500).optional(),
});
export type IceServer = z.infer<typeof iceServerSchema>;

/** Settings of this installation. */
export const settingsSchema = z.object({
  displayName: z.string().max(80),
  /** Device ids as the browser gives them; empty means the system's default. */
  cameraId: z.string().max(500),
  microphoneId: z.string().max(500),
  speakerId: z.string().max(500),
  joinWithCamera: z.boolean(),
  joinWithMicrophone: z.boolean(),
  /** Absolute path; empty means the default below the user's videos folder. */
  recordingsFolder: z.string().max(4096),
  format: fileFormatSchema,
  videoBitsPerSecond: z.int().min(100_000).max(50_000_000),
  audioBitsPerSecond: z.int().min(16_000).max(512_000),
  /** The mix takes most of a recording's processor time; without it each person's files are all there is. */
  recordMix: z.boolean(),
  /** With less than this free a recording warns; with a tenth of it, it ends by itself. Zero: only a full disk ends it. */
  diskReserveBytes: z
    .int()
    .min(0)
    .max(1024 ** 4),
  /** ws:// or wss:// address of a signaling server; empty means: this app starts its own. */
  signalingServer: z
    .string()
    .max(500)
    .regex(/^(wss?:\/\/\S+)?$/),
  /** Address on which this app's own signaling server listens. */
  signalingListenHost: z.string().min(1).max(255),
  iceServers: z.array(iceServerSchema).max(10),
  /** Largest number of people in a call that this app makes; the mesh carries no more than MESH_PARTICIPANT_LIMIT. */
  maxParticipantsPerRoom: z.int().min(2).max(MESH_PARTICIPANT_LIMIT),
  /** Path of an FFmpeg to use instead of the one that comes with the app; empty means: find one. */
  ffmpegPath: z.string().max(4096),
  theme: z.enum(['system', 'dark', 'light']),

  /** Whether programs on this computer may use the app by its control API. */
  controlEnabled: z.boolean(),
  /** TCP port of the control API on 127.0.0.1; 0 picks a free one at each start. */
  controlPort: z.int().min(0).max(65_535),

  cloudProvider: cloudProviderSchema,
  cloudBucket: z.string().max(255),
  cloudRegion: z.string().max(64),
  /** Put before every key; words joined by `/`, without one at the ends. */
  cloudPrefix: z
    .string()
    .max(500)
    .regex(/^([^/\\\p{Cc}]+(\/[^/\\\p{Cc}]+)*)?$/u)
    .refine((prefix) => prefix.split('/').every((part) => part !== '.' && part !== '..')),
  /** http:// or https:// address of an S3-compatible server; empty means Amazon's own. */
  cloudEndpoint: z
    .string()
    .max(500)
    .regex(/^(https?:\/\/[^\s/?#@]+\/?)?$/),
  /** Whether the bucket stands in the path of addresses and not in the host name; only with an endpoint. */
  cloudPathStyle: z.boolean(),
  /** `stored`: entered here; `profile`: of the shared AWS config; `default`: what the provider's own tools find on this computer. */
  cloudCredentials: z.enum(['stored', 'profile', 'default']),
  cloudProfile: z.string().max(128),
  cloudWhat: z.enum(['mix', 'everything']),
  /** Whether a recording goes to the bucket by itself once it is completed. */
  cloudAutomatic: z.boolean(),
  /** Bytes a second that uploads may take; zero is no limit. */
  cloudCapBytesPerSecond: z.int().min(0).max(10_000_000_000),
  /** Whether uploads wait while a call is on; while something is recorded they always do. */
  cloudPauseInCall: z.boolean(),

  /** `days`: after so many days; `verified`: as soon as the bucket has it all, verified. */
  retentionPolicy: z.enum(['forever', 'days', 'verified']),
  retentionDays: z.int().min(1).max(3650),
  /** With `days`: also what is in no bucket, so that its last copy goes. */
  retentionUnverified: z.boolean(),
});
export type Settings = z.infer<typeof settingsSchema>;

export const DEFAULT_SETTINGS: Settings = {
  displayName: '',
  cameraId: '',
  microphoneId: '',
  speakerId: '',
  joinWithCamera: true,
  joinWithMicrophone: true,
  recordingsFolder: '',
  format: 'mp4',
  videoBitsPerSecond: 2_000_000,
  audioBitsPerSecond: 128_000,
  recordMix: true,
  diskReserveBytes: 2 * 1024 ** 3,
  signalingServer: '',
  signalingListenHost: '0.0.0.0',
  iceServers: [],
  maxParticipantsPerRoom: MESH_PARTICIPANT_LIMIT,
  ffmpegPath: '',
  theme: 'dark',
  controlEnabled: false,
  controlPort: 0,
  cloudProvider: 'none',
  cloudBucket: '',
  cloudRegion: '',
  cloudPrefix: '',
  cloudEndpoint: '',
  cloudPathStyle: true,
  cloudCredentials: 'stored',
  cloudProfile: '',
  cloudWhat: 'everything',
  cloudAutomatic: true,
  cloudCapBytesPerSecond: 0,
  cloudPauseInCall: true,
  retentionPolicy: 'days',
  retentionDays: 30,
  retentionUnverified: false,
};

export const settingNameSchema = settingsSchema.keyof();
export type SettingName = z.infer<typeof settingNameSchema>;

/** A change of some settings; fields that are absent stay as they are. */
export const settingsPatchSchema = settingsSchema.partial().strict();
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;
