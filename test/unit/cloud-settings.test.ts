import { describe, expect, it } from 'vitest';
import { connectionTestSchema, type ConnectionTest } from '../../contract/cloud.ts';
import { errorCodeSchema } from '../../contract/errors.ts';
import { DEFAULT_SETTINGS } from '../../contract/settings.ts';
import { capWords, checkCap } from '../../renderer/settings/cap.ts';
import {
  cloudFieldMatters,
  credentialChoices,
  destinationKey,
  providerPatch,
} from '../../renderer/settings/cloud-fields.ts';
import { failsWords, stepWords, worksWords } from '../../renderer/settings/connection-words.ts';
import { credentialsWords } from '../../renderer/settings/credentials-words.ts';
import { lockedWords, overrideOf } from '../../renderer/settings/overrides.ts';
import { checkDays } from '../../renderer/settings/retention-days.ts';
import { checkSetting } from '../../renderer/settings/setting-check.ts';
import { checkKeyFile, checkS3Keys, MAX_KEY_FILE_CHARACTERS } from '../../renderer/settings/typed-credentials.ts';

describe('settings of the cloud that are shown', () => {
  const s3 = { cloudProvider: 's3', cloudEndpoint: '', cloudCredentials: 'stored' } as const;

  it('are those that matter for the provider and for what is chosen beside them', () => {
    expect(cloudFieldMatters('cloudEndpoint', s3)).toBe(true);
    expect(cloudFieldMatters('cloudPathStyle', s3)).toBe(false);
    expect(cloudFieldMatters('cloudPathStyle', { ...s3, cloudEndpoint: 'https://s3.example.org' })).toBe(true);
    expect(cloudFieldMatters('cloudProfile', s3)).toBe(false);
    expect(cloudFieldMatters('cloudProfile', { ...s3, cloudCredentials: 'profile' })).toBe(true);
    const gcs = { ...s3, cloudProvider: 'gcs', cloudEndpoint: 'https://x' } as const;
    for (const field of ['cloudRegion', 'cloudPathStyle', 'cloudProfile'] as const) {
      expect.soft(cloudFieldMatters(field, gcs)).toBe(false);
    }
  });

  it('show an endpoint that Google is reached by, and none where there is none', () => {
    const gcs = { ...s3, cloudProvider: 'gcs' } as const;
    expect(cloudFieldMatters('cloudEndpoint', { ...gcs, cloudEndpoint: 'https://x' })).toBe(true);
    expect(cloudFieldMatters('cloudEndpoint', gcs)).toBe(false);
    expect(cloudFieldMatters('cloudEndpoint', { ...gcs, cloudProvider: 'none', cloudEndpoint: 'https://x' })).toBe(
      false,
    );
  });

  it('fall back to entered credentials when the new provider does not know the way in use', () => {
    expect(providerPatch('gcs', { cloudCredentials: 'profile' })).toEqual({
      cloudProvider: 'gcs',
      cloudCredentials: 'stored',
    });
    expect(providerPatch('gcs', { cloudCredentials: 'default' })).toEqual({ cloudProvider: 'gcs' });
    expect(providerPatch('none', { cloudCredentials: 'profile' })).toEqual({ cloudProvider: 'none' });
    expect(credentialChoices('s3').map(({ value }) => value)).toEqual(['stored', 'profile', 'default']);
  });

  it('make a test result outdated only when they are about the place', () => {
    const key = destinationKey(DEFAULT_SETTINGS);
    expect(destinationKey({ ...DEFAULT_SETTINGS, cloudWhat: 'mix', theme: 'light' })).toBe(key);
    expect(destinationKey({ ...DEFAULT_SETTINGS, cloudBucket: 'b' })).not.toBe(key);
    expect(destinationKey({ ...DEFAULT_SETTINGS, cloudProfile: 'p' })).not.toBe(key);
  });
});

describe('typed settings of the cloud', () => {
  it('take a prefix without the slashes around it, and refuse one that climbs', () => {
    expect(checkSetting('cloudPrefix', ' /calls/2026/ ')).toEqual({ ok: true, value: { cloudPrefix: 'calls/2026' } });
    expect(checkSetting('cloudPrefix', '/')).toEqual({ ok: true, value: { cloudPrefix: '' } });
    expect(checkSetting('cloudPrefix', 'calls/../x')).toMatchObject({ ok: false });
  });

  it('take an endpoint that is an address, and nothing behind it', () => {
    expect(checkSetting('cloudEndpoint', 'https://s3.example.org:9000')).toMatchObject({ ok: true });
    expect(checkSetting('cloudEndpoint', 's3.example.org')).toMatchObject({ ok: false });
    expect(checkSetting('cloudEndpoint', 'https://key:secret@s3.example.org')).toMatchObject({ ok: false });
  });

  it('read a speed limit in both units, with a comma too, and an empty field as none', () => {
    expect(checkCap('20', 'Mbit/s')).toEqual({ ok: true, value: { cloudCapBytesPerSecond: 2_500_000 } });
    expect(checkCap('1,5', 'MB/s')).toEqual({ ok: true, value: { cloudCapBytesPerSecond: 1_500_000 } });
    expect(checkCap('', 'MB/s')).toEqual({ ok: true, value: { cloudCapBytesPerSecond: 0 } });
    for (const wrong of ['-1', 'fast', '1e3', '99999999999'])
      expect.soft(checkCap(wrong, 'MB/s').ok, wrong).toBe(false);
    expect(capWords(2_500_000, 'Mbit/s')).toBe('20');
    expect(capWords(2_500_000, 'MB/s')).toBe('2.5');
  });

  it('read whole days within the limits', () => {
    expect(checkDays(' 30 ')).toEqual({ ok: true, value: { retentionDays: 30 } });
    expect(checkDays('3650').ok).toBe(true);
    for (const wrong of ['0', '3651', '1.5', '', 'x']) expect.soft(checkDays(wrong).ok, wrong).toBe(false);
  });
});

describe('typed credentials', () => {
  const account = { type: 'service_account', client_email: 'a@b.iam', private_key: '-----BEGIN PRIVATE KEY-----' };

  it('are a key file when they are one, as it is', () => {
    const json = JSON.stringify(account);
    expect(checkKeyFile(`\n${json}\n`)).toEqual({ ok: true, value: { kind: 'gcsJson', json } });
  });

  it('are refused with the reason, and never with what was pasted', () => {
    const secret = JSON.stringify({ ...account, type: 'authorized_user' });
    for (const text of ['', '{', secret, 'x'.repeat(MAX_KEY_FILE_CHARACTERS + 1)]) {
      const checked = checkKeyFile(text);
      expect(checked).toMatchObject({ ok: false });
      expect(JSON.stringify(checked)).not.toContain('PRIVATE');
    }
  });

  it('are both parts of an S3 key, without the spaces that copying brings', () => {
    expect(checkS3Keys({ accessKeyId: ' AKIA ', secretAccessKey: 'abc\n', sessionToken: '' })).toEqual({
      ok: true,
      value: { kind: 's3Keys', accessKeyId: 'AKIA', secretAccessKey: 'abc' },
    });
    expect(checkS3Keys({ accessKeyId: 'AKIA', secretAccessKey: ' ', sessionToken: '' }).ok).toBe(false);
    expect(checkS3Keys({ accessKeyId: 'A', secretAccessKey: 'b', sessionToken: 't' })).toMatchObject({
      value: { sessionToken: 't' },
    });
  });

  it('are shown by their end and how they are kept', () => {
    expect(credentialsWords('s3', { kind: 'stored', label: '…7Q2A', kept: 'encrypted' })).toEqual({
      what: 'Key ending in 7Q2A',
      how: 'Kept on this computer, encrypted by its key store.',
    });
    expect(credentialsWords('s3', { kind: 'stored', label: '7Q2A', kept: 'untilQuit' }).how).toMatch(/until you quit/u);
    expect(credentialsWords('s3', { kind: 'stored', label: '7Q2A', kept: 'unprotected' }).how).toMatch(/unprotected/u);
    expect(credentialsWords('gcs', { kind: 'stored', label: 'a@b.iam', kept: 'encrypted' }).what).toBe(
      'Account a@b.iam',
    );
  });
});

describe('a test of the connection in words', () => {
  it('says that it worked and how long it took', () => {
    expect(worksWords({ kind: 'works', tookMs: 812 })).toBe('Works: written, read back and deleted in 0.8 s.');
    expect(worksWords({ kind: 'works', tookMs: 3 })).toContain('0.1 s');
  });

  it('says what is wrong, how far it came and what to do, without a code or a button to where one is', () => {
    const fails = (code: string, step: string) =>
      failsWords(
        connectionTestSchema.parse({
          kind: 'fails',
          step,
          error: { code, message: 'm', retryable: false },
        }) as Extract<ConnectionTest, { kind: 'fails' }>,
      );
    expect(fails('CLOUD_KEY_WRONG', 'write')).toEqual({
      sentence: 'The bucket does not accept these credentials.',
      nextStep: 'A small test file could not be written. Replace the key by the right one.',
      help: null,
    });
    for (const code of errorCodeSchema.options.filter((each) => each.startsWith('CLOUD'))) {
      const { sentence, nextStep, help } = fails(code, 'write');
      expect.soft(`${sentence} ${nextStep}`).not.toMatch(/CLOUD|_/u);
      expect.soft(help).toBeNull();
    }
    const steps = (['setUp', 'write', 'read', 'compare', 'delete'] as const).map(stepWords);
    expect(new Set(steps).size).toBe(steps.length);
  });
});

describe('settings that an environment variable decides', () => {
  it('are locked with the name of the variable; others are not', () => {
    const environment = { overrides: [{ setting: 'cloudBucket' as const, variable: 'RECORDING_STORAGE_BUCKET' }] };
    const variable = overrideOf(environment, 'cloudBucket');
    expect(variable === null ? null : lockedWords(variable)).toBe('Set by RECORDING_STORAGE_BUCKET.');
    expect(overrideOf(environment, 'cloudRegion')).toBeNull();
    expect(overrideOf(null, 'cloudBucket')).toBeNull();
  });
});
