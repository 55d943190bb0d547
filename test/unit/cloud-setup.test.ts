import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Destination } from '../../contract/cloud.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../contract/settings.ts';
import { createCloudSetup } from '../../main/cloud/cloud-setup.ts';
import type { CloudTarget } from '../../main/cloud/cloud-target.ts';
import type { Credentials } from '../../main/cloud/credentials.ts';
import { createSecrets } from '../../main/cloud/secret-store.ts';
import { FakeVault } from '../support/fake-vault.ts';
import { createVirtualTime } from '../support/virtual-time.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const account = JSON.stringify({ type: 'service_account', client_email: 'robot@example.com', private_key: pem });
const keys = { kind: 's3Keys', accessKeyId: 'AKIAEXAMPLE1234', secretAccessKey: 'hush' } as const;

let settings: Settings;
let listeners: ((settings: Settings) => void)[];
let opened: { destination: Destination; credentials: Credentials }[];
let vault: FakeVault;

/** A set-up over settings, a file of secrets in memory, and openers that only note what they were asked. */
async function setUp(environmentCredentials: Credentials | null = null) {
  let file: string | null = null;
  const secrets = await createSecrets({
    files: {
      read: async () => file,
      writeWhole: async (_path, text) => {
        file = text;
      },
      removeCutOffWrites: async () => undefined,
    },
    path: 'secrets.json',
    vault,
    log: { warn: () => undefined },
  });
  const time = createVirtualTime();
  const open = async (destination: Destination, credentials: Credentials): Promise<CloudTarget> => {
    opened.push({ destination, credentials });
    return { close: () => undefined } as CloudTarget;
  };
  return createCloudSetup({
    settings: {
      get: () => settings,
      subscribe: (listener) => {
        listeners.push(listener);
        return () => undefined;
      },
    },
    secrets,
    environmentCredentials,
    openers: { s3: open, gcs: open },
    ports: {
      monotonicMs: time.clock.monotonicMs,
      after: time.scheduler.after,
      randomBytes: (count) => new Uint8Array(count),
      randomId: () => 'id',
    },
  });
}

function change(patch: Partial<Settings>): void {
  settings = { ...settings, ...patch };
  for (const listener of listeners) listener(settings);
}

/** The credentials with which the chosen bucket is opened. */
async function credentialsOf(setup: Awaited<ReturnType<typeof setUp>>): Promise<Credentials | undefined> {
  const destination = setup.destination();
  if (destination === null) throw new Error('no bucket');
  await setup.openTarget(destination);
  return opened.at(-1)?.credentials;
}

beforeEach(() => {
  settings = { ...DEFAULT_SETTINGS, cloudProvider: 's3', cloudBucket: 'calls' };
  listeners = [];
  opened = [];
  vault = new FakeVault();
});

describe('where uploads go', () => {
  it('is nowhere until provider and bucket are chosen', async () => {
    const setup = await setUp();
    expect(setup.destination()).toEqual({
      provider: 's3',
      bucket: 'calls',
      region: '',
      endpoint: '',
      pathStyle: false,
    });
    change({ cloudBucket: '  ' });
    expect(setup.destination()).toBeNull();
    change({ cloudBucket: 'calls', cloudProvider: 'none' });
    expect(setup.destination()).toBeNull();
    expect(await setup.test()).toMatchObject({ kind: 'fails', step: 'setUp', error: { code: 'CLOUD_NOT_SET_UP' } });
  });

  it('is what the settings say, without spaces around it', async () => {
    const setup = await setUp();
    change({ cloudBucket: ' b ', cloudRegion: ' eu-north-1 ', cloudEndpoint: 'http://127.0.0.1:9000' });
    expect(setup.destination()).toEqual({
      provider: 's3',
      bucket: 'b',
      region: 'eu-north-1',
      endpoint: 'http://127.0.0.1:9000',
      pathStyle: true,
    });
  });

  it('is told when it changes, or who sends, and not for every other setting', async () => {
    const setup = await setUp();
    let told = 0;
    const undo = setup.subscribe(() => (told += 1));
    change({ theme: 'light', cloudPrefix: 'x', cloudCapBytesPerSecond: 5 });
    expect(told).toBe(0);
    change({ cloudBucket: 'other' });
    change({ cloudCredentials: 'default' });
    expect(told).toBe(2);
    await setup.setCredentials(keys);
    await setup.forgetCredentials();
    expect(told).toBe(4);
    undo();
    change({ cloudBucket: 'third' });
    expect(told).toBe(4);
  });
});

describe('with which credentials', () => {
  it('stored ones, which show no more than the end of their id', async () => {
    const setup = await setUp();
    expect(await setup.facts()).toEqual({
      ready: false,
      credentials: { kind: 'none' },
      protection: 'encrypted',
      unprotectedAllowed: false,
    });
    await expect(credentialsOf(setup)).rejects.toMatchObject({ code: 'CLOUD_NOT_SET_UP' });
    await setup.setCredentials(keys);
    expect(await credentialsOf(setup)).toEqual({ ...keys, sessionToken: null });
    const facts = await setup.facts();
    expect(facts).toMatchObject({ ready: true, credentials: { kind: 'stored', label: '…1234', kept: 'encrypted' } });
    expect(JSON.stringify(facts)).not.toMatch(/hush|AKIA/);
    await setup.forgetCredentials();
    expect(await setup.facts()).toMatchObject({ ready: false, credentials: { kind: 'none' } });
  });

  it('each provider has its own', async () => {
    const setup = await setUp();
    await setup.setCredentials(keys);
    await setup.setCredentials({ kind: 'gcsJson', json: account });
    change({ cloudProvider: 'gcs' });
    expect(await credentialsOf(setup)).toMatchObject({ kind: 'gcsServiceAccount', privateKey: pem });
    expect((await setup.facts()).credentials).toMatchObject({ kind: 'stored', label: 'robot@example.com' });
    await setup.forgetCredentials();
    change({ cloudProvider: 's3' });
    expect(await credentialsOf(setup)).toMatchObject({ accessKeyId: keys.accessKeyId });
  });

  it('a service account that is not whole is refused in words, and nothing is stored', async () => {
    const setup = await setUp();
    change({ cloudProvider: 'gcs' });
    await expect(setup.setCredentials({ kind: 'gcsJson', json: '{"type":"service_account"}' })).rejects.toMatchObject({
      code: 'CLOUD_CREDENTIALS_INVALID',
      message: expect.stringContaining('client_email'),
    });
    expect((await setup.facts()).credentials).toEqual({ kind: 'none' });
  });

  it('a profile, or what the provider finds by itself', async () => {
    const setup = await setUp();
    change({ cloudCredentials: 'profile' });
    await expect(credentialsOf(setup)).rejects.toMatchObject({ code: 'CLOUD_NOT_SET_UP' });
    expect(await setup.facts()).toMatchObject({ ready: false, credentials: { kind: 'none' } });
    change({ cloudProfile: ' work ' });
    expect(await credentialsOf(setup)).toEqual({ kind: 's3Profile', profile: 'work' });
    expect((await setup.facts()).credentials).toEqual({ kind: 'profile', label: 'work' });
    change({ cloudCredentials: 'default' });
    expect(await credentialsOf(setup)).toEqual({ kind: 'default' });
    expect(await setup.facts()).toMatchObject({ ready: true, credentials: { kind: 'default' } });
    change({ cloudProvider: 'gcs', cloudCredentials: 'profile' });
    await expect(credentialsOf(setup)).rejects.toMatchObject({ code: 'CLOUD_NOT_SET_UP' });
  });

  it('those of the environment before all others, for the provider that they open', async () => {
    const ofEnvironment: Credentials = { ...keys, accessKeyId: 'ENVIRONMENT-9876', sessionToken: 'hush' };
    const setup = await setUp(ofEnvironment);
    await setup.setCredentials(keys);
    expect(await credentialsOf(setup)).toEqual(ofEnvironment);
    expect((await setup.facts()).credentials).toEqual({ kind: 'environment', label: '…9876' });
    change({ cloudProvider: 'gcs', cloudCredentials: 'default' });
    expect(await credentialsOf(setup)).toEqual({ kind: 'default' });
  });

  it('none, in words, when what is stored cannot be read here', async () => {
    const setup = await setUp();
    await setup.setCredentials(keys);
    vault.reveal = new FakeVault().reveal;
    await expect(credentialsOf(setup)).rejects.toMatchObject({ code: 'SECRETS_UNAVAILABLE' });
    expect(await setup.facts()).toMatchObject({ ready: false, credentials: { kind: 'none' } });
    expect(await setup.test()).toMatchObject({ step: 'setUp', error: { code: 'SECRETS_UNAVAILABLE' } });
  });

  it('for this run only where they cannot be protected, until the person agrees', async () => {
    vault.level = 'unprotected';
    const setup = await setUp();
    await setup.setCredentials(keys);
    expect(await setup.facts()).toMatchObject({
      ready: true,
      protection: 'unprotected',
      unprotectedAllowed: false,
      credentials: { kept: 'untilQuit' },
    });
    await setup.allowUnprotected(true);
    expect(await setup.facts()).toMatchObject({ unprotectedAllowed: true, credentials: { kept: 'unprotected' } });
  });
});

it('asks the system about its protection only when there is something to protect', async () => {
  settings = { ...DEFAULT_SETTINGS };
  const setup = await setUp();
  expect(await setup.facts()).toMatchObject({ protection: null, ready: false });
  expect(vault.asked).toBe(0);
});
