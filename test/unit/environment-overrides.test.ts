import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../main/settings/environment-overrides.ts';
import { openSettingsStore } from '../../main/settings/settings-store.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const account = { type: 'service_account', client_email: 'robot@example.com', private_key: pem, project_id: 'p' };

describe('environment variables', () => {
  it('decide nothing when there are none, or empty ones', () => {
    const nothing = { settings: {}, overrides: [], credentials: null, problems: [] };
    expect(readEnvironment({})).toEqual(nothing);
    expect(readEnvironment({ RECORDING_OUTPUT_DIR: '', VIDEO_BITRATE: '  ', PATH: '/bin' })).toEqual(nothing);
  });

  it('override settings and say which variable overrides which', () => {
    const read = readEnvironment({
      RECORDING_OUTPUT_DIR: '/srv/recordings',
      RECORDING_STORAGE_PROVIDER: 'aws',
      RECORDING_STORAGE_BUCKET: ' calls ',
      RECORDING_STORAGE_REGION: 'eu-central-1',
      RECORDING_STORAGE_PREFIX: '/team/a/',
      RECORDING_STORAGE_ENDPOINT: 'http://127.0.0.1:9000',
      VIDEO_BITRATE: '2.5M',
      AUDIO_BITRATE: '96k',
    });
    expect(read.settings).toEqual({
      recordingsFolder: '/srv/recordings',
      cloudProvider: 's3',
      cloudBucket: 'calls',
      cloudRegion: 'eu-central-1',
      cloudPrefix: 'team/a',
      cloudEndpoint: 'http://127.0.0.1:9000',
      videoBitsPerSecond: 2_500_000,
      audioBitsPerSecond: 96_000,
    });
    expect(read.problems).toEqual([]);
    expect(read.overrides).toContainEqual({ setting: 'cloudProvider', variable: 'RECORDING_STORAGE_PROVIDER' });
    expect(read.overrides).toHaveLength(8);
  });

  it.each([
    ['aws', 's3'],
    ['AWS', 's3'],
    ['gcp', 'gcs'],
    ['local', 'none'],
  ])('name a provider as server people do: %s is %s', (text, provider) => {
    expect(readEnvironment({ RECORDING_STORAGE_PROVIDER: text }).settings).toEqual({ cloudProvider: provider });
  });

  it.each([
    ['2500000', 2_500_000],
    ['2500k', 2_500_000],
    ['2500K', 2_500_000],
    ['2.5M', 2_500_000],
    ['100000', 100_000],
    ['50M', 50_000_000],
  ])('take a bit rate of %s', (text, bits) => {
    expect(readEnvironment({ VIDEO_BITRATE: text }).settings).toEqual({ videoBitsPerSecond: bits });
  });

  it.each([
    ['VIDEO_BITRATE', 'fast'],
    ['VIDEO_BITRATE', '-1'],
    ['VIDEO_BITRATE', '99999'],
    ['VIDEO_BITRATE', '50.1M'],
    ['VIDEO_BITRATE', '1e6'],
    ['AUDIO_BITRATE', '513k'],
    ['RECORDING_OUTPUT_DIR', 'recordings'],
    ['RECORDING_STORAGE_PROVIDER', 'azure'],
    ['RECORDING_STORAGE_PROVIDER', 'constructor'],
    ['RECORDING_STORAGE_PREFIX', 'a/../b'],
    ['RECORDING_STORAGE_ENDPOINT', 'ftp://server'],
    ['RECORDING_STORAGE_ENDPOINT', 'https://key:secret@server'],
    ['RECORDING_STORAGE_BUCKET', 'x'.repeat(256)],
  ])('are ignored and told when they are not understood: %s=%s', (variable, text) => {
    const read = readEnvironment({ [variable]: text, RECORDING_STORAGE_REGION: 'eu' });
    expect(read.settings).toEqual({ cloudRegion: 'eu' });
    expect(read.problems).toEqual([{ variable, message: expect.stringMatching(/^It .+\.$/) }]);
  });
});

describe('credentials of the environment', () => {
  const read = (value: unknown, more = {}) =>
    readEnvironment({
      RECORDING_STORAGE_CREDENTIALS: typeof value === 'string' ? value : JSON.stringify(value),
      ...more,
    });

  it.each([
    { accessKeyId: 'ID', secretAccessKey: 'S', sessionToken: 'T' },
    { AccessKeyId: 'ID', SecretAccessKey: 'S', SessionToken: 'T' },
    { aws_access_key_id: 'ID', aws_secret_access_key: 'S', aws_session_token: 'T' },
    { AWS_ACCESS_KEY_ID: 'ID', AWS_SECRET_ACCESS_KEY: 'S', AWS_SESSION_TOKEN: 'T' },
    { Credentials: { AccessKeyId: 'ID', SecretAccessKey: 'S', SessionToken: 'T', Expiration: 'x' } },
  ])('are keys in the spellings of AWS (%#)', (value) => {
    const found = read(value);
    expect(found.credentials).toEqual({
      kind: 's3Keys',
      accessKeyId: 'ID',
      secretAccessKey: 'S',
      sessionToken: 'T',
    });
    expect(found.overrides).toEqual([{ setting: 'cloudCredentials', variable: 'RECORDING_STORAGE_CREDENTIALS' }]);
    expect(found.settings).toEqual({});
  });

  it('need no session token', () => {
    expect(read({ accessKeyId: 'ID', secretAccessKey: 'S' }).credentials).toMatchObject({ sessionToken: null });
  });

  it('are a Google service account', () => {
    expect(read(account).credentials).toEqual({
      kind: 'gcsServiceAccount',
      clientEmail: 'robot@example.com',
      privateKey: pem,
      projectId: 'p',
    });
  });

  it.each([
    ['hush-hush', /not JSON/],
    ['["hush"]', /object/],
    [{ accessKeyId: 'hush' }, /secretAccessKey/],
    [{ secretAccessKey: 'hush' }, /accessKeyId/],
    [{ password: 'hush' }, /neither/],
    [{ ...account, private_key: '-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----' }, /private_key/],
    [{ ...account, type: 'hush' }, /service_account/],
  ])('are told to be of no use without a word of their value (%#)', (value, reason) => {
    const found = read(value);
    expect(found.credentials).toBeNull();
    expect(found.problems).toHaveLength(1);
    expect(found.problems[0]?.message).toMatch(reason);
    expect(JSON.stringify(found)).not.toContain('hush');
  });

  it('for another provider than the environment names are told', () => {
    const found = read(account, { RECORDING_STORAGE_PROVIDER: 'aws' });
    expect(found.credentials).toBeNull();
    expect(found.problems).toMatchObject([{ variable: 'RECORDING_STORAGE_CREDENTIALS' }]);
    expect(read(account, { RECORDING_STORAGE_PROVIDER: 'gcp' }).credentials).not.toBeNull();
  });
});

describe('ICE_SERVERS', () => {
  const read = (value: unknown) =>
    readEnvironment({ ICE_SERVERS: typeof value === 'string' ? value : JSON.stringify(value) });
  const turn = { urls: ['turn:t.example:3478'], username: 'ana', credential: 'S' };

  it.each([
    [
      [{ urls: 'stun:s.example' }, { ...turn }],
      [{ urls: ['stun:s.example'] }, turn],
    ],
    [{ urls: 'stun:s.example' }, [{ urls: ['stun:s.example'] }]],
    [{ ...turn, urls: 'turn:t.example:3478' }, [turn]],
    [{ iceServers: [turn] }, [turn]],
    [{ iceServers: { urls: 'stuns:s.example' } }, [{ urls: ['stuns:s.example'] }]],
    [[], []],
  ])('takes what RTCPeerConnection takes (%#)', (value, servers) => {
    const found = read(value);
    expect(found.settings).toEqual({ iceServers: servers });
    expect(found.problems).toEqual([]);
    expect(found.overrides).toEqual([{ setting: 'iceServers', variable: 'ICE_SERVERS' }]);
  });

  it.each([
    ['turn:hush@t.example', /not JSON/],
    ['"turn:hush"', /urls/],
    ['null', /urls/],
    [[{ urls: 'https://hush.example' }], /urls/],
    [[{ urls: [] }], /urls/],
    [[{ urls: 'stun:s.example' }, { url: 'turn:hush' }], /^Server 2 /],
    [{ urls: 'turn:t.example', username: 'hush' }, /needs “username” and “credential”/],
    [{ urls: 'turn:t.example', username: '', credential: 'hush' }, /needs/],
    [{ urls: 'turn:t.example', username: 'hush', credential: 'hush'.repeat(200) }, /urls/],
    [{ urls: 'turn:t.example', username: { hush: 1 }, credential: 'hush' }, /urls/],
    [Array.from({ length: 11 }, () => ({ urls: 'stun:hush.example' })), /at most 10/],
  ])('is told to be of no use without a word of its value (%#)', (value, reason) => {
    const found = read(value);
    expect(found.settings).toEqual({});
    expect(found.overrides).toEqual([]);
    expect(found.problems).toHaveLength(1);
    expect(found.problems[0]?.message).toMatch(reason);
    expect(JSON.stringify(found)).not.toContain('hush');
  });

  it('lies over the settings of this run and never reaches their file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tallylight-ice-'));
    try {
      const file = join(folder, 'settings.json');
      const store = await openSettingsStore(file, read([turn]).settings);
      expect(store.get().iceServers).toEqual([turn]);
      // A screen that saves what it was shown saves no override.
      await store.update({ displayName: 'Ana', iceServers: store.get().iceServers });
      const text = await readFile(file, 'utf8');
      expect(text).toContain('Ana');
      expect(text).not.toContain('t.example');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('MAX_PARTICIPANTS_PER_ROOM', () => {
  const read = (text: string) => readEnvironment({ MAX_PARTICIPANTS_PER_ROOM: text });

  it.each(['2', '6', ' 4 '])('takes %s', (text) => {
    expect(read(text).settings).toEqual({ maxParticipantsPerRoom: Number(text) });
  });

  it('above the limit of a mesh is ignored, and says why', () => {
    const found = read('7');
    expect(found.settings).toEqual({});
    expect(found.problems[0]?.message).toMatch(
      /at most 6: in a call every app sends its picture to each of the others/,
    );
  });

  it.each(['1', '0', '-3', '2.5', 'six', '1e1'])('is ignored and told when it is %s', (text) => {
    const found = read(text);
    expect(found.settings).toEqual({});
    expect(found.problems).toEqual([
      { variable: 'MAX_PARTICIPANTS_PER_ROOM', message: 'It must be a whole number from 2 to 6.' },
    ]);
  });
});
