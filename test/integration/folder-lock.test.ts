import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemProcesses } from '../../main/media/system-processes.ts';
import { createFolderLocks } from '../../main/recording/folder-lock.ts';
import type { FolderLocks } from '../../main/recording/folder-lock.ts';
import { nodeClock, nodeIds, nodeScheduler } from '../../main/recording/node-clock.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import type { Files } from '../../main/recording/ports.ts';
import { failingFiles } from '../support/failing-files.ts';
import type { DiskOperation } from '../support/failing-files.ts';
import { loadLane } from '../support/lanes.ts';
import { ADA, makeHarness, openTrack, play, start, stopAndSettle } from '../support/recorder-harness.ts';

let folder: string;
let made: FolderLocks[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallylight-lock-'));
  made = [];
});
afterEach(async () => {
  for (const locks of made) await locks.release();
  await rm(folder, { recursive: true, force: true });
});

/** The locks of one instance of the app on this machine, or on another one. */
function instance(changes: { files?: Files; hostName?: string } = {}): FolderLocks {
  const locks = createFolderLocks({
    files: nodeFiles,
    ids: nodeIds,
    clock: nodeClock,
    scheduler: nodeScheduler,
    hostName: hostname(),
    identityOf: systemProcesses.identityOf,
    ...changes,
  });
  made.push(locks);
  return locks;
}

const lockPath = (): string => join(folder, '.lock');

/** Spawns a process that holds the lock; resolves when it does. */
async function holder() {
  const script = fileURLToPath(new URL('../support/lock-holder.ts', import.meta.url));
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(said.toString().trim()).toBe('held');
  return child;
}

describe('folder lock', () => {
  test('one instance holds it, asked again and again; the next one has it when the first gives it back', async () => {
    const [first, second] = [instance(), instance()];
    expect(await first.hold(folder)).toBe('held');
    expect(await second.hold(folder)).toBe('inUse');
    expect(await first.hold(folder)).toBe('held');
    await second.release();
    expect(await readdir(folder)).toEqual(['.lock']);
    await first.release();
    expect(await readdir(folder)).toEqual([]);
    expect(await second.hold(folder)).toBe('held');
  });

  test('a process that holds it is respected, and one that was killed is not', async () => {
    const child = await holder();
    const locks = instance();
    expect(await locks.hold(folder)).toBe('inUse');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await locks.hold(folder)).toBe('held');
  });

  test('a pid that was given to somebody else since, as after a new boot, does not keep the lock', async () => {
    const first = instance();
    await first.hold(folder);
    const content = JSON.parse(await readFile(lockPath(), 'utf8')) as object;
    await writeFile(lockPath(), JSON.stringify({ ...content, instance: 'x', startedAt: 'another boot/1' }));
    expect(await instance().hold(folder)).toBe('held');
    expect(await first.hold(folder)).toBe('inUse');
  });

  test('a lock of another machine counts as long as it gives signs of life', async () => {
    const [there, here] = [instance({ hostName: 'elsewhere' }), instance()];
    await there.hold(folder);
    expect(await here.hold(folder)).toBe('inUse');
    const longAgo = new Date(Date.now() - 6 * 60_000);
    await utimes(lockPath(), longAgo, longAgo);
    expect(await here.hold(folder)).toBe('held');
  });

  test('a lock that says nothing is waited for, then taken for torn', async () => {
    await writeFile(lockPath(), '{"pid":');
    const locks = instance();
    expect(await locks.hold(folder)).toBe('inUse');
    const aWhileAgo = new Date(Date.now() - 11_000);
    await utimes(lockPath(), aWhileAgo, aWhileAgo);
    expect(await locks.hold(folder)).toBe('held');
  });

  test('of many that find a stale lock at once only one has it', async () => {
    for (let round = 0; round < 20; round += 1) {
      const stale = { instance: 'x', pid: 1, startedAt: 'long ago', hostName: hostname() };
      await writeFile(lockPath(), JSON.stringify(stale));
      const all = [instance(), instance(), instance(), instance()];
      const states = await Promise.all(all.map((each) => each.hold(folder)));
      expect(states.filter((state) => state === 'held')).toHaveLength(1);
      expect(states.filter((state) => state === 'inUse')).toHaveLength(3);
      for (const each of all) await each.release();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  test.each(['EROFS', 'EACCES', 'ENOSPC', 'ENOTSUP'])(
    'where none can be made (%s) nobody is kept from working',
    async (code) => {
      const files = failingFiles(({ kind, path }) => (kind === 'create' && path === lockPath() ? code : null));
      expect(await instance({ files }).hold(folder)).toBe('unguarded');
    },
  );

  test('a disk that fills while it is made leaves no lock behind', async () => {
    const files = failingFiles(({ kind, path }) => (kind === 'write' && path === lockPath() ? 'ENOSPC' : null));
    expect(await instance({ files }).hold(folder)).toBe('unguarded');
    expect(await readdir(folder)).toEqual([]);
  });

  test('a folder that is not there yet has none', async () => {
    expect(await instance().hold(join(folder, 'later'))).toBe('missing');
  });
});

describe('two apps in one recordings folder', () => {
  test('the second one reads and touches nothing, says why, and takes over when the first is gone', async () => {
    const locks = instance();
    const first = await makeHarness({ folder, locks });
    await first.recordings.recover();
    const { id } = await start(first, 'mkv');
    const camera = { participantId: ADA, participantName: 'Ada', source: 'camera' as const, lanes: ['audio' as const] };
    const track = await openTrack(first, id, { ...camera, atMs: 0 });
    const chunks = loadLane('audio-opus.webm').chunks.slice(0, 6);
    await play(first, id, [{ ...track, lane: 'audio', chunks, atMs: 260 }]);
    // Looked at from the second one's side: the first one goes on writing.
    const touched: DiskOperation[] = [];
    const files = failingFiles((operation) => {
      const { kind, path } = operation;
      if (kind !== 'open' && path.startsWith(join(first.recordingsFolder, id))) touched.push(operation);
      return null;
    });
    const there = await readdir(first.recordingsFolder);

    const second = first.restart({ locks: instance(), files });
    const report = await second.recordings.recover();
    await report.finished;
    expect(report).toMatchObject({ interrupted: [], shelves: [{ lock: 'inUse' }] });
    expect(second.recordings.list()).toMatchObject([{ id, status: 'recording' }]);
    const inUse = { code: 'FOLDER_IN_USE', retryable: true };
    await expect(start(second)).rejects.toMatchObject(inUse);
    await expect(second.recordings.rename({ recordingId: id, title: 'Mine' })).rejects.toMatchObject(inUse);
    await expect(second.recordings.retry({ recordingId: id })).rejects.toMatchObject(inUse);
    expect(touched).toEqual([]);
    expect(await readdir(first.recordingsFolder)).toEqual(there);

    await stopAndSettle(first, id);
    await expect(second.recordings.delete({ recordingId: id })).rejects.toMatchObject({ code: 'RECORDING_BUSY' });
    const whole = first.recordings.get({ recordingId: id });
    await first.recordings.close({ limitMs: 1_000 });
    const taken = Promise.withResolvers<void>();
    second.recordings.subscribe(() => taken.resolve());
    second.time.advance(1_000);
    await second.recordings.rename({ recordingId: id, title: 'Mine' });
    expect(second.recordings.get({ recordingId: id })).toEqual({ ...whole, title: 'Mine' });
    // Its window had shown a recording that runs: the takeover is told, not only the new name.
    expect(second.events).toContainEqual({ type: 'recordingChanged', recording: whole });
    await start(second);
    await second.end();
  });

  test('what an app left unfinished is saved by the one that had to wait for it', async () => {
    const locks = instance();
    const first = await makeHarness({ folder, locks });
    await first.recordings.recover();
    const { id } = await start(first, 'mkv');
    const second = first.restart({ locks: instance() });
    expect(await second.recordings.recover()).toMatchObject({ interrupted: [] });
    const ended = Promise.withResolvers<void>();
    second.recordings.subscribe((event) => {
      if (event.type === 'recordingFailed') ended.resolve();
    });
    // It is gone without an end, as if it was killed.
    await locks.release();
    second.time.advance(1_000);
    await ended.promise;
    expect(second.recordings.get({ recordingId: id })).toMatchObject({
      status: 'failed',
      error: { code: 'RESULT_INVALID' },
    });
  });
});
