import { mkdtemp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, settingsPatchSchema } from '../../contract/settings.ts';
import { openSettingsStore } from '../../main/settings/settings-store.ts';

let folder = '';
const file = (): string => join(folder, 'profile', 'settings.json');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallylight-settings-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('starts with the defaults and writes nothing until something changes', async () => {
  const store = await openSettingsStore(file());
  expect(store.get()).toEqual(DEFAULT_SETTINGS);
  expect(await readdir(folder)).toEqual([]);
});

it('keeps a change over a restart and tells those who listen', async () => {
  const store = await openSettingsStore(file());
  const heard: string[] = [];
  const stop = store.subscribe((settings) => heard.push(settings.displayName));
  await store.update({ displayName: 'Ana' });
  stop();
  await store.update({ format: 'mkv' });
  expect(heard).toEqual(['Ana']);
  expect((await openSettingsStore(file())).get()).toEqual({ ...DEFAULT_SETTINGS, displayName: 'Ana', format: 'mkv' });
});

it('loses neither of two changes made at once, and leaves no temporary file', async () => {
  const store = await openSettingsStore(file());
  await Promise.all([
    store.update({ displayName: 'Ana' }),
    store.update({ joinWithCamera: false }),
    store.update({ theme: 'light' }),
  ]);
  expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual({
    ...DEFAULT_SETTINGS,
    displayName: 'Ana',
    joinWithCamera: false,
    theme: 'light',
  });
  expect(await readdir(join(folder, 'profile'))).toEqual(['settings.json']);
});

it('leaves a field alone that is named without a value', async () => {
  const store = await openSettingsStore(file());
  const patch = settingsPatchSchema.parse({ displayName: 'Ana', theme: undefined });
  expect(await store.update(patch)).toEqual({ ...DEFAULT_SETTINGS, displayName: 'Ana' });
});

it('mends a damaged field at the next change and keeps the others', async () => {
  await mkdir(join(folder, 'profile'));
  await writeFile(file(), JSON.stringify({ displayName: 'Ana', videoBitsPerSecond: 'fast' }));
  const store = await openSettingsStore(file());
  expect(store.damagedFields).toEqual(['videoBitsPerSecond']);
  await store.update({ theme: 'light' });
  expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual({
    ...DEFAULT_SETTINGS,
    displayName: 'Ana',
    theme: 'light',
  });
});

it('keeps the old settings, in memory too, when they cannot be written', async () => {
  await writeFile(join(folder, 'profile'), 'a file where the folder should be');
  await expect(openSettingsStore(file())).rejects.toMatchObject({ code: 'DISK_FAILED' });
  await rm(join(folder, 'profile'));
  const store = await openSettingsStore(file());
  await writeFile(join(folder, 'profile'), 'again');
  await expect(store.update({ displayName: 'Ana' })).rejects.toMatchObject({ code: 'FOLDER_UNWRITABLE' });
  expect(store.get()).toEqual(DEFAULT_SETTINGS);
  await rm(join(folder, 'profile'));
  expect(await store.update({ displayName: 'Ben' })).toMatchObject({ displayName: 'Ben' });
});

it('answers with what the environment decides, and never writes that down', async () => {
  await (await openSettingsStore(file())).update({ cloudBucket: 'mine', displayName: 'Ana' });
  const store = await openSettingsStore(file(), { cloudBucket: 'of-the-environment' });
  const heard: string[] = [];
  store.subscribe(({ cloudBucket }) => heard.push(cloudBucket));
  expect(store.get()).toMatchObject({ cloudBucket: 'of-the-environment', displayName: 'Ana' });
  // A change of another field, and one of a screen that hands back everything that it was shown.
  expect(await store.update({ theme: 'light' })).toMatchObject({ cloudBucket: 'of-the-environment', theme: 'light' });
  await store.update(store.get());
  expect(heard).toEqual(['of-the-environment', 'of-the-environment']);
  expect(await readFile(file(), 'utf8')).not.toContain('of-the-environment');
  expect((await openSettingsStore(file())).get()).toMatchObject({ cloudBucket: 'mine', theme: 'light' });
});

it('keeps a change of what the environment decides for a run without it', async () => {
  const store = await openSettingsStore(file(), { videoBitsPerSecond: 1_000_000 });
  expect(await store.update({ videoBitsPerSecond: 3_000_000 })).toMatchObject({ videoBitsPerSecond: 1_000_000 });
  expect(store.get().videoBitsPerSecond).toBe(1_000_000);
  expect((await openSettingsStore(file())).get().videoBitsPerSecond).toBe(3_000_000);
});
