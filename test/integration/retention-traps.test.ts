import { link, mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { recordingIdSchema } from '../../contract/ids.ts';
import { hashTree } from '../support/media-report.ts';
import { deeds, tryDeed } from '../support/retention-deeds.ts';
import { DAY_MS, HOUR_MS } from '../support/retention-rig.ts';
import type { RetentionRun } from '../support/retention-rig.ts';
import { storeRecording } from '../support/stored-recordings.ts';
import { setRetentionScene } from '../support/retention-scene.ts';

const scene = setRetentionScene();
const { old, company, startApp, startSettled, quit, there, binned } = scene;

describe('traps', () => {
  let outside: string;
  let precious: Record<string, string>;

  beforeEach(async () => {
    scene.rig.policy.retentionUnverified = true;
    outside = join(scene.rig.folder, 'outside');
    await mkdir(outside);
    await company();
    await storeRecording(outside, { endedWallMs: 0, cloud: 'all' });
    await writeFile(join(outside, 'letter.txt'), 'mine');
    precious = await hashTree(outside);
    await scene.rig.settleIn();
  });

  /** Lets everything leave that will, empties the bin, and looks at what lies outside. */
  async function letAllLeave(): Promise<RetentionRun> {
    const run = await startApp();
    await run.pass(2 * DAY_MS);
    await run.retention.cleanUp({ maxAgeMs: 0 });
    await run.retention.empty(null);
    await run.pass(10 * DAY_MS);
    expect(await hashTree(outside)).toEqual(precious);
    return run;
  }

  test('a recording whose folder is a link to another folder is left alone', async () => {
    const [inside = ''] = (await readdir(outside)).filter((name) => name !== 'letter.txt');
    await symlink(join(outside, inside), join(scene.rig.root, inside));
    await letAllLeave();
    expect(await there(inside)).toBe(true);
  });

  test('a recording whose folder becomes a link while the app runs is left alone, also when a person deletes it', async () => {
    const id = await old(31, { cloud: 'none' });
    const run = await startApp();
    await rename(join(scene.rig.root, id), join(scene.rig.folder, 'elsewhere'));
    await symlink(join(scene.rig.folder, 'elsewhere'), join(scene.rig.root, id));
    const bytes = await hashTree(join(scene.rig.folder, 'elsewhere'));
    await run.pass(2 * DAY_MS);
    await expect(run.harness.recordings.delete({ recordingId: id })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await hashTree(join(scene.rig.folder, 'elsewhere'))).toEqual(bytes);
  });

  test('another folder in the place of a recording is left alone, also when a person deletes it', async () => {
    const [id, other] = [await old(31, { cloud: 'none' }), await old(1, { cloud: 'none' })];
    const run = await startApp();
    await rename(join(scene.rig.root, id), join(scene.rig.folder, 'elsewhere'));
    await rename(join(scene.rig.root, other), join(scene.rig.root, id));
    const bytes = await hashTree(join(scene.rig.root, id));
    await run.pass(2 * DAY_MS);
    await expect(run.harness.recordings.delete({ recordingId: id })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await hashTree(join(scene.rig.root, id))).toEqual(bytes);
  });

  test('links in the folder of a recording are never followed; a person may delete them with it', async () => {
    const id = await old(31, { cloud: 'none' });
    await symlink(outside, join(scene.rig.root, id, 'segments', 'way-out'));
    await symlink(join(outside, 'letter.txt'), join(scene.rig.root, id, 'deliverables', 'letter'));
    const run = await letAllLeave();
    expect(await there(id)).toBe(true);
    await run.harness.recordings.delete({ recordingId: id });
    await run.retention.empty(null);
    expect(await there(id)).toBe(false);
    expect(await binned()).toEqual([]);
    expect(await hashTree(outside)).toEqual(precious);
  });

  test('of hard links only our own name goes', async () => {
    const id = await old(31);
    await mkdir(join(outside, 'backup'));
    await link(join(scene.rig.root, id, 'deliverables', 'mix.mp4'), join(outside, 'backup', 'mix.mp4'));
    precious = await hashTree(outside);
    await letAllLeave();
    expect(await there(id, 'deliverables')).toBe(false);
  });

  test('what somebody keeps beside the files of a recording keeps it here', async () => {
    const id = await old(31);
    await writeFile(join(scene.rig.root, id, 'deliverables', 'my cut.mp4'), 'mine');
    const run = await letAllLeave();
    expect(await there(id, 'deliverables', 'my cut.mp4')).toBe(true);
    const seen = run.retention.view(run.harness.recordings.get({ recordingId: id }));
    expect(seen.staysBecause).toContain('deliverables/my cut.mp4');
  });

  test('a folder with a name like ours that is not ours is neither listed nor touched', async () => {
    const id = recordingIdSchema.parse('00000000-0000-4000-8000-00000000f0f0');
    await mkdir(join(scene.rig.root, id));
    await writeFile(join(scene.rig.root, id, 'letter.txt'), 'mine');
    const run = await letAllLeave();
    expect(run.harness.recordings.list().map((each) => each.id)).not.toContain(id);
    expect(await readdir(join(scene.rig.root, id))).toEqual(['letter.txt']);
    expect(await readFile(join(scene.rig.root, id, 'letter.txt'), 'utf8')).toBe('mine');
  });

  test('a bin that is a link is not used', async () => {
    const id = await old(31);
    await symlink(outside, join(scene.rig.root, '.bin'));
    await letAllLeave();
    expect(await there(id, 'deliverables', 'mix.mp4')).toBe(true);
  });

  test('a library whose rows lie deletes nothing that the journals do not allow', async () => {
    const pinned = await old(31, { pinned: true });
    const only = await old(31, { cloud: 'queued' });
    const moved = await old(31);
    await quit(await startApp());
    const path = join(scene.rig.folder, 'profile', 'library.json');
    const library = JSON.parse(await readFile(path, 'utf8')) as {
      folders: Record<string, { recording: Record<string, unknown>; journalBytes: number }[]>;
    };
    const rows = library.folders[scene.rig.root] ?? expect.fail();
    const verified = rows.find(({ recording }) => recording['id'] === moved)?.recording['cloud'];
    for (const row of rows) {
      const { id } = row.recording;
      if (id === pinned) row.recording['pinned'] = false;
      if (id === only) row.recording['cloud'] = verified;
      if (id === moved) row.recording['folder'] = outside;
    }
    // A folder that is no recordings folder, and a drive that is away.
    const [inside = ''] = (await readdir(outside)).filter((name) => name !== 'letter.txt');
    const template = rows[0] ?? expect.fail();
    const row = (id: string, folder: string) => ({ ...template, recording: { ...template.recording, id, folder } });
    library.folders[join(scene.rig.folder, 'no-drive')] = [row(inside, join(outside, inside))];
    library.folders[dirname(scene.rig.folder)] = [row('00000000-0000-4000-8000-0000000000aa', outside)];
    await writeFile(path, JSON.stringify(library));
    await rm(`${path}.previous`, { force: true });
    const run = await letAllLeave();
    for (const id of [pinned, only]) expect(await there(id, 'deliverables', 'mix.mp4')).toBe(true);
    expect(await there(moved, 'deliverables')).toBe(false);
    const recordingId = recordingIdSchema.parse(inside);
    await expect(run.harness.recordings.delete({ recordingId })).rejects.toMatchObject({ code: 'CONFLICT' });
    // Nor is anything written where a row says that a recording is.
    await expect(run.harness.recordings.pin({ recordingId, pinned: true })).rejects.toMatchObject({
      code: 'RECORDING_NOT_FOUND',
    });
    expect(await hashTree(outside)).toEqual(precious);
  });

  test('a recording that is there twice is left alone', async () => {
    const id = await old(31);
    const second = join(scene.rig.folder, 'second');
    await storeRecording(second, { id, endedWallMs: scene.rig.nowMs() - 31 * DAY_MS, cloud: 'all' });
    await quit(await startApp());
    const path = join(scene.rig.folder, 'profile', 'library.json');
    const library = JSON.parse(await readFile(path, 'utf8')) as { folders: Record<string, unknown[]> };
    library.folders[second] = [];
    await writeFile(path, JSON.stringify(library));
    await rm(`${path}.previous`, { force: true });
    const bytes = await hashTree(second);
    await letAllLeave();
    expect(await hashTree(second)).toEqual(bytes);
    expect(await there(id, 'deliverables', 'mix.mp4')).toBe(true);
  });

  test('what somebody else puts into the bin is neither shown nor deleted', async () => {
    const id = recordingIdSchema.parse('00000000-0000-4000-8000-00000000f0f0');
    const bin = join(scene.rig.root, '.bin');
    await mkdir(join(bin, 'notes'), { recursive: true });
    await mkdir(join(bin, `${id}.0.recording`));
    await writeFile(join(bin, `${id}.0.recording`, 'letter.txt'), 'mine');
    await symlink(outside, join(bin, `${id}.1.recording`));
    const run = await startApp();
    expect((await run.retention.status()).bin).toEqual([]);
    await run.retention.empty(null);
    await run.pass(10 * DAY_MS);
    expect((await binned()).toSorted()).toEqual([`${id}.0.recording`, `${id}.1.recording`, 'notes']);
    expect(await hashTree(outside)).toEqual(precious);
  });
});

describe('the bin', () => {
  test('media whose copies in the bucket were deleted meanwhile stay in the bin: they are the last ones', async () => {
    await company();
    const id = await old(31);
    const run = await startSettled();
    await run.pass(25 * HOUR_MS);
    const recordings = run.harness.recordings;
    await recordings.withOpen(id, async (open) => {
      const uploadIds = open.cloud().files.map(({ uploadId }) => uploadId);
      await open.record({ kind: 'cloudRemoved', uploadIds }, { announce: true });
    });
    const status = await run.pass(9 * DAY_MS);
    expect(status.bin).toHaveLength(1);
    await run.retention.restore(status.bin[0]?.id ?? '');
    expect(await there(id, 'deliverables', 'mix.mp4')).toBe(true);
  });

  test('media whose copies the bucket does not confirm stay in the bin behind their time, until it does', async () => {
    await company();
    await old(31);
    const run = await startSettled();
    expect((await run.pass(25 * HOUR_MS)).bin).toHaveLength(1);
    scene.rig.bucketSays = () => ({ because: 'No answer.', silent: true });
    expect((await run.pass(8 * DAY_MS)).bin).toHaveLength(1);
    scene.rig.bucketSays = () => null;
    expect((await run.pass(2 * HOUR_MS)).bin).toEqual([]);
  });

  test('a person who deletes a recording whose media are in the bin has all of it in one entry', async () => {
    await company();
    const id = await old(31);
    const bytes = await hashTree(join(scene.rig.root, id));
    const run = await startSettled();
    await run.pass(25 * HOUR_MS);
    await run.harness.recordings.delete({ recordingId: id });
    const { bin } = await run.retention.status();
    expect(bin).toMatchObject([{ recordingId: id, kind: 'recording' }]);
    await run.retention.restore(bin[0]?.id ?? '');
    const back = await hashTree(join(scene.rig.root, id));
    expect({ ...back, '/journal.jsonl': '' }).toEqual({ ...bytes, '/journal.jsonl': '' });
  });

  test('media whose recording has lost the record of their leaving come home at the next start', async () => {
    await company();
    const id = await old(31);
    const bytes = await hashTree(join(scene.rig.root, id));
    const journal = await readFile(join(scene.rig.root, id, 'journal.jsonl'));
    const run = await startSettled();
    await run.pass(25 * HOUR_MS);
    await quit(run);
    await writeFile(join(scene.rig.root, id, 'journal.jsonl'), journal);
    const next = await startApp();
    expect(next.harness.recordings.get({ recordingId: id })).toMatchObject({ status: 'completed', mediaLeftAt: null });
    expect(await hashTree(join(scene.rig.root, id))).toEqual(bytes);
  });

  test('is found again in a recordings folder whose last recording it holds', async () => {
    const id = await old(1);
    const second = join(scene.rig.folder, 'second');
    const run = await startSettled();
    await run.harness.recordings.delete({ recordingId: id });
    await quit(run);
    await rename(scene.rig.root, second);
    await mkdir(scene.rig.root);
    const path = join(scene.rig.folder, 'profile', 'library.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll(scene.rig.root, second));
    const next = await startApp();
    const { bin } = await next.retention.status();
    expect(bin).toHaveLength(1);
    await next.retention.restore(bin[0]?.id ?? '');
    expect(next.harness.recordings.get({ recordingId: id }).folder).toBe(join(second, id));
  });

  test('what is gone from it, or has another in its place, is refused in words', async () => {
    const id = await old(1);
    const run = await startSettled();
    await run.harness.recordings.delete({ recordingId: id });
    const [entry] = (await run.retention.status()).bin;
    await storeRecording(scene.rig.root, { id, endedWallMs: 0 });
    await expect(run.retention.restore(entry?.id ?? '')).rejects.toMatchObject({ code: 'CONFLICT' });
    await run.retention.empty(entry?.id ?? '');
    await expect(run.retention.restore(entry?.id ?? '')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await there(id, 'journal.jsonl')).toBe(true);
  });
});

describe('killed in the middle', () => {
  // Every single operation is tried by the fault scenario `retention`.
  test.each(Object.keys(deeds))('%s: the next start completes it and nothing is lost', async (name) => {
    const whole = await tryDeed(name, null);
    expect(whole).toMatchObject({ killed: false, inBin: deeds[name]?.inBin, faults: [] });
    for (const operation of new Set(whole.passed)) {
      const point = { name: operation, nth: 1, moment: 'before' as const };
      expect({ point, ...(await tryDeed(name, point)) }).toMatchObject({ point, killed: true, faults: [] });
    }
  });
});

test('a file that is older than its recording says so keeps its time in the bin', async () => {
  await company();
  const id = await old(31);
  const path = join(scene.rig.root, id, 'segments', 'mix-0.webm');
  await utimes(path, new Date(0), new Date(0));
  const run = await startSettled();
  const { bin } = await run.pass(25 * HOUR_MS);
  await run.retention.restore(bin[0]?.id ?? '');
  expect((await stat(path)).mtimeMs).toBe(0);
});
