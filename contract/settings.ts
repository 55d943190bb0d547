import { z } from 'zod';
import { fileFormatSchema } from './recording.ts';

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
  /** Path of an FFmpeg to use instead of the one that comes with the app; empty means: find one. */
  ffmpegPath: z.string().max(4096),
  theme: z.enum(['system', 'dark', 'light']),
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
  ffmpegPath: '',
  theme: 'dark',
};

/** A change of some settings; fields that are absent stay as they are. */
export const settingsPatchSchema = settingsSchema.partial().strict();
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;
