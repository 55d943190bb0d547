import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Destination } from '../../contract/cloud.ts';
import type { Recording } from '../../contract/recording.ts';
import type { RequestInput, RequestName } from '../../contract/requests.ts';
import { createSecrets, nodeSecretFiles } from '../../main/cloud/secret-store.ts';
import { openLogFile } from '../../main/log/log-file.ts';
import { canaryOf, makeCanary, makeServiceAccount, searchFor, type Canary } from '../support/canaries.ts';
import { watchChildren, type ChildWatch } from '../support/child-watch.ts';
import { FakeVault } from '../support/fake-vault.ts';
import { writeFinishedRecording } from '../support/finished-recording.ts';
import { startGcsServer, type GcsServer } from '../support/gcs-server.ts';
import { RADOSGW_KEYS } from '../support/radosgw.ts';
import { RADOSGW_START_LIMIT_MS, sharedRadosgw } from '../support/shared-radosgw.ts';
import { Person, type PersonOptions } from '../support/windowless-app.ts';

/** More than one part, so that an upload is begun and not just put. */
const LARGE_BYTES = 9 * 1024 * 1024;

const secret = makeCanary('secret key');
const token = makeCanary('session token');
const environment = makeCanary('secret key of the environment');
const unread = makeCanary('environment that is not understood');
const refused = makeCanary('what a refused request held');
const account = makeServiceAccount('private key');
/** Grows while the test runs: what servers made up is known only then. */
const canaries: Canary[] = [
  secret.canary,
  token.canary,
  environment.canary,
  unread.canary,
  refused.canary,
  account.canary,
  canaryOf('secret key that works', RADOSGW_KEYS.secretAccessKey),
];

let root = '';
let s3: Destination;
let gcs: GcsServer;
let children: ChildWatch;
const vaults = new Map<string, FakeVault>();
/** Everything that the apps answered to their windows. */
const answers: unknown[] = [];
const events: unknown[] = [];

/** Starts an app of that name: the vault of its computer is a fake, its log is the real one. */
async function start(name: string, options: PersonOptions = {}): Promise<{ app: Person; end: () => Promise<void> }> {
  const { log, close } = openLogFile(join(root, name, 'profile', 'logs', 'main.log'));
  const vault = vaults.get(name) ?? new FakeVault();
  vaults.set(name, vault);
  const app = await Person.start(root, name, { log, vault, ...options });
  return {
    app,
    end: async () => {
      await app.close();
      await close();
      events.push(...app.told);
    },
  };
}

/** Asks as a window does, and keeps the answer for the search. */
async function ask<N extends RequestName>(app: Person, name: N, input: RequestInput<N>) {
  const result = await app.result(name, input);
  answers.push({ name, result });
  return result;
}

const cloudStateIs = (app: Person, id: Recording['id'], wanted: Recording['cloud']['state']) =>
  app.until((told) =>
    told
      .map((each) =>
        each.name === 'recording.event' && 'recording' in each.payload && each.payload.recording.id === id
          ? each.payload.recording.cloud
          : undefined,
      )
      .find((cloud) => cloud?.state === wanted),
  );

const s3Settings = () => ({
  cloudProvider: 's3' as const,
  cloudBucket: s3.bucket,
  cloudEndpoint: s3.endpoint,
  cloudAutomatic: false,
});
const gcsSettings = () => ({
  cloudProvider: 'gcs' as const,
  cloudBucket: gcs.bucket,
  cloudEndpoint: gcs.endpoint,
  cloudAutomatic: false,
});

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tallylight-canaries-'));
  s3 = (await sharedRadosgw()).destination;
  gcs = await startGcsServer();
  children = watchChildren();
}, RADOSGW_START_LIMIT_MS);
afterAll(async () => {
  children.stop();
  await gcs.close();
  await rm(root, { recursive: true, force: true });
});

describe('canaries planted as secrets', () => {
  it('open a real bucket: connection, upload, link', async () => {
    const recordings = join(root, 's3', 'recordings');
    await mkdir(recordings, { recursive: true });
    const { id } = await writeFinishedRecording(recordings, [LARGE_BYTES, 1000]);
    const { app, end } = await start('s3');
    await ask(app, 'settings.update', s3Settings());
    // Not spread: the S3 library of the test server's own client adds a field to the object that it is given.
    const { accessKeyId, secretAccessKey } = RADOSGW_KEYS;
    const stored = await ask(app, 'cloud.setCredentials', { kind: 's3Keys', accessKeyId, secretAccessKey });
    expect(stored).toMatchObject({ ok: true, value: { ready: true, credentials: { kept: 'encrypted' } } });
    expect(await ask(app, 'cloud.test', {})).toMatchObject({ ok: true, value: { kind: 'works' } });
    await ask(app, 'recording.list', {});
    expect(await ask(app, 'cloud.upload', { recordingId: id })).toMatchObject({ ok: true });
    const { files } = await cloudStateIs(app, id, 'verified');
    const file = files[0]?.file ?? '';
    expect(await ask(app, 'cloud.copyLink', { recordingId: id, file, validSeconds: 60 })).toMatchObject({ ok: true });
    // The clipboard is where the person wanted it; nowhere else.
    const signature = new URL(app.copied[0] ?? '').searchParams.get('X-Amz-Signature') ?? '';
    canaries.push(canaryOf('signature of a link', signature));
    await ask(app, 'recording.get', { recordingId: id });
    await end();
    expect(await readFile(join(root, 's3', 'profile', 'secrets.json'), 'utf8')).toContain('"credentials:s3"');
  });

  it('are refused by a server', async () => {
    const { app, end } = await start('wrong');
    await ask(app, 'settings.update', s3Settings());
    const wrong = { kind: 's3Keys', accessKeyId: 'AKIAWRONG', secretAccessKey: secret.value } as const;
    await ask(app, 'cloud.setCredentials', wrong);
    expect(await ask(app, 'cloud.test', {})).toMatchObject({ value: { kind: 'fails', step: 'write' } });
    await ask(app, 'cloud.setCredentials', { ...wrong, sessionToken: token.value });
    expect(await ask(app, 'cloud.test', {})).toMatchObject({ value: { kind: 'fails', step: 'write' } });
    await ask(app, 'settings.update', { cloudEndpoint: 'http://127.0.0.1:1' });
    expect(await ask(app, 'cloud.test', {})).toMatchObject({ value: { error: { code: 'CLOUD_UNREACHABLE' } } });
    await end();
  });

  it('are refused at the door, by the check, by the disk and by the keyring', async () => {
    const { app, end } = await start('refused');
    const keys = { kind: 's3Keys', accessKeyId: 'AKIAREFUSED', secretAccessKey: refused.value } as const;
    const odd = { ...keys, surprise: refused.value } as RequestInput<'cloud.setCredentials'>;
    expect(await ask(app, 'cloud.setCredentials', odd)).toMatchObject({ error: { code: 'INVALID_INPUT' } });
    for (const json of [refused.value, account.json.slice(0, -20), account.json.replace('BEGIN', 'BEGUN')]) {
      expect(await ask(app, 'cloud.setCredentials', { kind: 'gcsJson', json })).toMatchObject({
        error: { code: 'CLOUD_CREDENTIALS_INVALID' },
      });
    }
    // A folder where the file should be: nothing can be written there.
    await mkdir(join(root, 'refused', 'profile', 'secrets.json', 'x'), { recursive: true });
    expect(await ask(app, 'cloud.setCredentials', keys)).toMatchObject({ ok: false });
    await rm(join(root, 'refused', 'profile', 'secrets.json'), { recursive: true });
    const vault = vaults.get('refused');
    if (vault !== undefined) vault.protect = async (plain) => Promise.reject(new Error(`cannot protect ${plain}`));
    await ask(app, 'settings.update', s3Settings());
    expect(await ask(app, 'cloud.setCredentials', keys)).toMatchObject({
      value: { credentials: { kept: 'untilQuit' } },
    });
    await end();
  });

  it('open Google Cloud Storage, where the address of an upload is a secret itself', async () => {
    const recordings = join(root, 'gcs', 'recordings');
    await mkdir(recordings, { recursive: true });
    const { id } = await writeFinishedRecording(recordings, [LARGE_BYTES]);
    const first = await start('gcs');
    await ask(first.app, 'settings.update', { ...gcsSettings(), cloudCredentials: 'default' });
    gcs.fail('chunk', { kind: 'silent' }, 100);
    await ask(first.app, 'recording.list', {});
    await ask(first.app, 'cloud.upload', { recordingId: id });
    await cloudStateIs(first.app, id, 'uploading');
    await expect.poll(() => gcs.openSessions()).toBe(1);
    await first.end();

    const vault = vaults.get('gcs');
    if (vault === undefined) throw new Error('no vault');
    const path = join(root, 'gcs', 'profile', 'secrets.json');
    const kept = await createSecrets({ files: nodeSecretFiles, path, vault, log: { warn: () => undefined } });
    const sessions = (await kept.names()).filter((name) => name.startsWith('upload:'));
    expect(sessions).toHaveLength(1);
    const session = new URL((await kept.get(sessions[0] ?? '')) ?? '');
    canaries.push(canaryOf('address of an upload', session.searchParams.get('upload_id') ?? ''));

    gcs.clearFaults();
    const second = await start('gcs');
    await ask(second.app, 'recording.list', {});
    await cloudStateIs(second.app, id, 'verified');
    await ask(second.app, 'settings.update', { cloudCredentials: 'stored' });
    await ask(second.app, 'cloud.setCredentials', { kind: 'gcsJson', json: account.json });
    // Google, where such a key is turned into a token, may not be reachable: what counts is what is said of it.
    await ask(second.app, 'cloud.test', {});
    await second.end();
  });

  it('come from the environment', async () => {
    const { app, end } = await start('environment', {
      environment: {
        RECORDING_STORAGE_PROVIDER: 'aws',
        RECORDING_STORAGE_BUCKET: s3.bucket,
        RECORDING_STORAGE_ENDPOINT: s3.endpoint,
        RECORDING_STORAGE_CREDENTIALS: JSON.stringify({
          accessKeyId: 'AKIAENVIRONMENT',
          secretAccessKey: environment.value,
        }),
      },
    });
    expect(await ask(app, 'app.environment', {})).toMatchObject({
      value: { overrides: expect.arrayContaining([expect.objectContaining({ setting: 'cloudCredentials' })]) },
    });
    expect(await ask(app, 'cloud.status', {})).toMatchObject({
      value: { ready: true, credentials: { kind: 'environment', label: '…MENT' } },
    });
    expect(await ask(app, 'cloud.test', {})).toMatchObject({ value: { kind: 'fails', step: 'write' } });
    await ask(app, 'settings.update', { theme: 'light' });
    await end();
    const odd = await start('odd', { environment: { RECORDING_STORAGE_CREDENTIALS: `{"key": ${unread.value}` } });
    expect(await ask(odd.app, 'app.environment', {})).toMatchObject({
      value: { overrideProblems: [{ variable: 'RECORDING_STORAGE_CREDENTIALS' }] },
    });
    await odd.end();
  });

  it('are found in no profile, no journal, no log, no event, no answer and no command line', async () => {
    const search = searchFor(canaries);
    expect(canaries.length).toBe(9);
    const { hits, files } = await search.inFolder(root, (path) => path.endsWith('.mp4'));
    expect(hits).toEqual([]);
    // There was something to search: six apps with settings and logs, secrets and journals.
    expect(await readdir(root)).toHaveLength(6);
    expect(files).toBeGreaterThan(12);
    expect(answers.length).toBeGreaterThan(30);
    expect(search.inValue(answers, 'answers')).toEqual([]);
    expect(events.length).toBeGreaterThan(20);
    expect(search.inValue(events, 'events')).toEqual([]);
    // The apps looked for FFmpeg.
    expect(children.commandLines().some((line) => line.includes('-version'))).toBe(true);
    expect(children.commandLines().flatMap((line) => search.inText(line, line))).toEqual([]);
    expect(children.environments().flatMap((each) => search.inText(each, 'an environment'))).toEqual([]);
  });
});
