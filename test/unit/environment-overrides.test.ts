import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../main/settings/environment-overrides.ts';

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
