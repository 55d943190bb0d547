import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { AppError } from '../../contract/errors.ts';
import {
  iceServerSchema,
  MESH_LIMIT_WORDS,
  MESH_PARTICIPANT_LIMIT,
  settingsSchema,
  type IceServer,
  type SettingName,
  type Settings,
} from '../../contract/settings.ts';
import type { Credentials } from '../cloud/credentials.ts';
import { readServiceAccount } from '../cloud/service-account.ts';

/** Variables by name, as a process has them. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

const CREDENTIALS_VARIABLE = 'RECORDING_STORAGE_CREDENTIALS';
const ICE_SERVERS_VARIABLE = 'ICE_SERVERS';

/** The variables that hold secrets: taken out of the environment before anything else is started. */
export const SECRET_VARIABLES: readonly string[] = [CREDENTIALS_VARIABLE, ICE_SERVERS_VARIABLE];

/** What the environment decides in this run. */
export type EnvironmentOverrides = {
  settings: Partial<Settings>;
  overrides: { setting: SettingName; variable: string }[];
  credentials: Credentials | null;
  /** Variables that were not understood and are ignored. */
  problems: { variable: string; message: string }[];
};

/** Says in words why a value is of no use; what it says never holds a secret. */
class NotUnderstood extends Error {}

type Reading = { variable: string; setting: SettingName; read: (text: string) => Partial<Settings> };

/** In the environment one address may stand without brackets, as RTCPeerConnection takes it. */
const environmentServerSchema = iceServerSchema.extend({
  urls: z.preprocess((urls) => (typeof urls === 'string' ? [urls] : urls), iceServerSchema.shape.urls),
});

const PROVIDERS: Readonly<Record<string, Settings['cloudProvider']>> = {
  aws: 's3',
  s3: 's3',
  gcp: 'gcs',
  gcs: 'gcs',
  local: 'none',
  none: 'none',
};

function readProvider(text: string): Settings['cloudProvider'] {
  const name = text.toLowerCase();
  const provider = Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined;
  if (provider === undefined) throw new NotUnderstood('It must be aws, gcp or local.');
  return provider;
}

function readFolder(text: string): string {
  if (!isAbsolute(text)) throw new NotUnderstood('It must be an absolute path.');
  return text;
}

/** Bits a second from `2500000`, `2500k` or `2.5M`, as FFmpeg's options have them. */
function readBits(text: string): number {
  const found = /^(\d{1,12}(?:\.\d{1,6})?)\s*([kKmM]?)$/.exec(text);
  if (found === null) throw new NotUnderstood('It must be a number of bits a second, like 2500000, 2500k or 2.5M.');
  const factor = { '': 1, k: 1_000, m: 1_000_000 }[(found[2] ?? '').toLowerCase()] ?? 1;
  return Math.round(Number(found[1]) * factor);
}

function readPeople(text: string): number {
  const found = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (found > MESH_PARTICIPANT_LIMIT) throw new NotUnderstood(MESH_LIMIT_WORDS);
  return found;
}

/** One server, a list of them, or what RTCPeerConnection takes: `{ "iceServers": [...] }`. */
function readIceServers(text: string): IceServer[] {
  const found = parseJson(text);
  const inner: unknown =
    typeof found === 'object' && found !== null && Object.hasOwn(found, 'iceServers')
      ? Reflect.get(found, 'iceServers')
      : found;
  const servers: unknown[] = Array.isArray(inner) ? inner : [inner];
  return servers.map((server, index) => {
    const parsed = parseUntrusted(environmentServerSchema, server);
    const place = servers.length === 1 ? 'The server' : `Server ${index + 1}`;
    if (!parsed.success) {
      throw new NotUnderstood(
        `${place} must have “urls” that begin with stun:, stuns:, turn: or turns:, and may have “username” and “credential”.`,
      );
    }
    const { urls, username, credential } = parsed.data;
    const isTurn = urls.some((url) => url.startsWith('turn'));
    if (isTurn && ((username ?? '') === '' || (credential ?? '') === '')) {
      throw new NotUnderstood(`${place} is a TURN server and needs “username” and “credential”.`);
    }
    return {
      urls,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { credential }),
    };
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotUnderstood('It is not JSON.');
  }
}

const withoutSlashesAtEnds = (text: string): string => text.replace(/^\/+|\/+$/g, '');

const READINGS: readonly Reading[] = [
  {
    variable: 'RECORDING_OUTPUT_DIR',
    setting: 'recordingsFolder',
    read: (text) => ({ recordingsFolder: readFolder(text) }),
  },
  {
    variable: 'RECORDING_STORAGE_PROVIDER',
    setting: 'cloudProvider',
    read: (text) => ({ cloudProvider: readProvider(text) }),
  },
  { variable: 'RECORDING_STORAGE_BUCKET', setting: 'cloudBucket', read: (text) => ({ cloudBucket: text }) },
  { variable: 'RECORDING_STORAGE_REGION', setting: 'cloudRegion', read: (text) => ({ cloudRegion: text }) },
  {
    variable: 'RECORDING_STORAGE_PREFIX',
    setting: 'cloudPrefix',
    read: (text) => ({ cloudPrefix: withoutSlashesAtEnds(text) }),
  },
  { variable: 'RECORDING_STORAGE_ENDPOINT', setting: 'cloudEndpoint', read: (text) => ({ cloudEndpoint: text }) },
  {
    variable: 'VIDEO_BITRATE',
    setting: 'videoBitsPerSecond',
    read: (text) => ({ videoBitsPerSecond: readBits(text) }),
  },
  {
    variable: 'AUDIO_BITRATE',
    setting: 'audioBitsPerSecond',
    read: (text) => ({ audioBitsPerSecond: readBits(text) }),
  },
  {
    variable: ICE_SERVERS_VARIABLE,
    setting: 'iceServers',
    read: (text) => ({ iceServers: readIceServers(text) }),
  },
  {
    variable: 'MAX_PARTICIPANTS_PER_ROOM',
    setting: 'maxParticipantsPerRoom',
    read: (text) => ({ maxParticipantsPerRoom: readPeople(text) }),
  },
];

/** What is wrong with a value that has the right form and is outside of what the setting takes. */
const OUTSIDE: Partial<Record<SettingName, string>> = {
  videoBitsPerSecond: 'It must be from 100k to 50M bits a second.',
  audioBitsPerSecond: 'It must be from 16k to 512k bits a second.',
  iceServers: 'It must be at most 10 servers.',
  maxParticipantsPerRoom: `It must be a whole number from 2 to ${MESH_PARTICIPANT_LIMIT}.`,
  cloudEndpoint: 'It must be the http:// or https:// address of a server, without a path.',
  cloudPrefix: 'It must be words joined by “/”.',
};

function check(reading: Reading, text: string): Partial<Settings> {
  const read = reading.read(text);
  if (!parseUntrusted(settingsSchema.shape[reading.setting], read[reading.setting]).success) {
    throw new NotUnderstood(OUTSIDE[reading.setting] ?? 'It is not in the expected form.');
  }
  return read;
}

/** The first of some spellings of a field. */
function textOf(found: object, names: readonly string[]): string {
  for (const name of names) {
    const value: unknown = Object.hasOwn(found, name) ? Reflect.get(found, name) : undefined;
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return '';
}

const KEY_ID = ['accessKeyId', 'AccessKeyId', 'aws_access_key_id', 'AWS_ACCESS_KEY_ID'];
const SECRET_KEY = ['secretAccessKey', 'SecretAccessKey', 'aws_secret_access_key', 'AWS_SECRET_ACCESS_KEY'];
const SESSION_TOKEN = ['sessionToken', 'SessionToken', 'aws_session_token', 'AWS_SESSION_TOKEN'];

function readCredentials(text: string): Credentials {
  const found = parseJson(text);
  if (typeof found !== 'object' || found === null || Array.isArray(found)) {
    throw new NotUnderstood('It must be a JSON object.');
  }
  // What `aws sts` prints stands one level deeper.
  const inner: unknown = Object.hasOwn(found, 'Credentials') ? Reflect.get(found, 'Credentials') : found;
  const keys = typeof inner === 'object' && inner !== null ? inner : found;
  const accessKeyId = textOf(keys, KEY_ID);
  const secretAccessKey = textOf(keys, SECRET_KEY);
  if (accessKeyId !== '' && secretAccessKey !== '') {
    return { kind: 's3Keys', accessKeyId, secretAccessKey, sessionToken: textOf(keys, SESSION_TOKEN) || null };
  }
  if (accessKeyId !== '') throw new NotUnderstood('“secretAccessKey” is missing.');
  if (secretAccessKey !== '') throw new NotUnderstood('“accessKeyId” is missing.');
  if (textOf(found, ['type', 'client_email', 'private_key']) === '') {
    throw new NotUnderstood('It holds neither “accessKeyId” and “secretAccessKey” nor a Google service account.');
  }
  try {
    return readServiceAccount(found);
  } catch (error) {
    throw new NotUnderstood(error instanceof AppError ? error.message : 'It is no service account.');
  }
}

/** Which provider credentials open. */
const providerOf = ({ kind }: Credentials): Settings['cloudProvider'] => (kind === 'gcsServiceAccount' ? 'gcs' : 's3');

/** Reads the variables that override settings in this run; an empty one counts as none. */
export function readEnvironment(environment: EnvironmentVariables): EnvironmentOverrides {
  const result: EnvironmentOverrides = { settings: {}, overrides: [], credentials: null, problems: [] };
  const attempt = (variable: string, read: (text: string) => void): void => {
    const text = environment[variable]?.trim() ?? '';
    if (text === '') return;
    try {
      read(text);
    } catch (error) {
      const message = error instanceof NotUnderstood ? error.message : 'It was not understood.';
      result.problems.push({ variable, message });
    }
  };
  for (const reading of READINGS) {
    attempt(reading.variable, (text) => {
      Object.assign(result.settings, check(reading, text));
      result.overrides.push({ setting: reading.setting, variable: reading.variable });
    });
  }
  attempt(CREDENTIALS_VARIABLE, (text) => {
    const credentials = readCredentials(text);
    const provider = result.settings.cloudProvider;
    if (provider !== undefined && provider !== 'none' && provider !== providerOf(credentials)) {
      throw new NotUnderstood('It is for another provider than RECORDING_STORAGE_PROVIDER.');
    }
    result.credentials = credentials;
    result.overrides.push({ setting: 'cloudCredentials', variable: CREDENTIALS_VARIABLE });
  });
  return result;
}
