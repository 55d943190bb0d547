import { link, mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { RecordingId } from '../../contract/ids.ts';
import { createFolderLocks } from '../../main/recording/folder-lock.ts';
import { nodeIds } from '../../main/recording/node-clock.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import { createKillSwitch } from '../support/kill-switch.ts';
import { loadLane } from '../support/lanes.ts';
import { decodeComplaints, hashTree } from '../support/media-report.ts';
import { ADA, openTrack, play, start, stopAndSettle } from '../support/recorder-harness.ts';
import { deeds, tryDeed } from '../support/retention-deeds.ts';
import { DAY_MS, HOUR_MS, makeRetentionRig } from '../support/retention-rig.ts';
import type { RetentionRig, RetentionRun } from '../support/retention-rig.ts';
import { storeRecording } from '../support/stored-recordings.ts';
import type { StoredPlan } from '../support/stored-recordings.ts';

let rig: RetentionRig;
const runs: RetentionRun[] = [];

beforeEach(async () => {
  rig = await makeRetentionRig();
});
afterEach(async () => {
  for (const run of runs.splice(0)) await run.quit();
  await rig.end();
});

/** A recording that ended so many days ago, with every file verified unless something else is said. */
function old(days: number, plan: Partial<StoredPlan> = {}): Promise<RecordingId> {
  return storeRecording(rig.root, { endedWallMs: rig.nowMs() - days * DAY_MS, cloud: 'all', ...plan });
}

/** Others beside it, so that one or two that leave are few. */
async function company(count = 11): Promise<void> {
  for (let n = 0; n < count; n += 1) await old(1, { cloud: 'none' });
}

async function startApp(): Promise<RetentionRun> {
  const run = await rig.run();
  runs.push(run);
  return run;
}

/** The app was here before, yesterday, with nothing in its library. */
async function startSettled(): Promise<RetentionRun> {
  await rig.settleIn();
  return startApp();
}

async function quit(run: RetentionRun): Promise<void> {
  runs.splice(runs.indexOf(run), 1);
  await run.quit();
}

const there = (...parts: string[]): Promise<boolean> =>
  stat(join(rig.root, ...parts)).then(
    () => true,
    () => false,
  );
const binned = (): Promise<string[]> => readdir(join(rig.root, '.bin')).catch(() => []);

describe('leaving', () => {
  test('is told a day ahead, takes the media and leaves the rest, and what left can be brought back byte for byte', async () => {
    await company();
    const id = await old(31);
    const bytes = await hashTree(join(rig.root, id));
    const run = await startSettled();
    const { notice } = await run.retention.status();
    expect(notice).toEqual({ recordingIds: [id], firstAt: new Date(rig.nowMs() + DAY_MS).toISOString() });
    await run.pass(23 * HOUR_MS);
    expect(await hashTree(join(rig.root, id))).toEqual(bytes);
    const status = await run.pass(2 * HOUR_MS);
    expect(await readdir(join(rig.root, id))).toEqual(['journal.jsonl', 'thumbnails']);
    const listed = run.harness.recordings.get({ recordingId: id });
    expect(listed).toMatchObject({ status: 'completed', sizeBytes: 0, mediaLeftAt: expect.any(String) });
    expect(listed.thumbnails).toHaveLength(1);
    expect(status.notice).toBeNull();
    const [entry] = status.bin;
    expect(entry).toMatchObject({ recordingId: id, kind: 'media', title: 'Interview', sizeBytes: 2100 });
    expect(Date.parse(entry?.goesAt ?? '') - Date.parse(entry?.binnedAt ?? '')).toBeLessThan(7 * DAY_MS + HOUR_MS);

    const after = await run.retention.restore(entry?.id ?? '');
    expect(after.bin).toEqual([]);
    const back = await hashTree(join(rig.root, id));
    expect({ ...back, '/journal.jsonl': '' }).toEqual({ ...bytes, '/journal.jsonl': '' });
    expect(run.harness.recordings.get({ recordingId: id })).toMatchObject({ mediaLeftAt: null, sizeBytes: 2100 });
    // Whoever brings it back does not want it to go again at the next look.
    expect(run.harness.recordings.get({ recordingId: id }).pinned).toBe(true);
    expect(await binned()).toEqual([]);
    await run.pass(3 * DAY_MS);
    expect(await there(id, 'segments')).toBe(true);
  });

  test('for good after seven days, and the recording stays in the library', async () => {
    await company();
    const id = await old(31);
    const run = await startSettled();
    await run.pass(25 * HOUR_MS);
    expect(await binned()).toHaveLength(1);
    await run.pass(6 * DAY_MS + 20 * HOUR_MS);
    expect(await binned()).toHaveLength(1);
    await run.pass(6 * HOUR_MS);
    expect(await binned()).toEqual([]);
    expect(run.harness.recordings.get({ recordingId: id })).toMatchObject({ status: 'completed', sizeBytes: 0 });
    await expect(
      run.harness.recordings.exportTrack({
        recordingId: id,
        trackId: run.harness.recordings.get({ recordingId: id }).tracks[0]?.id ?? expect.fail(),
      }),
    ).rejects.toMatchObject({ code: 'CONFLICT', message: 'Its files are not on this computer any more.' });
    await quit(run);
    // Also when the library is made anew from the journals.
    await rm(join(rig.folder, 'profile', 'library.json'));
    await rm(join(rig.folder, 'profile', 'library.json.previous'), { force: true });
    const next = await startApp();
    expect(next.harness.recordings.get({ recordingId: id })).toMatchObject({
      status: 'completed',
      sizeBytes: 0,
      notes: [],
    });
  });

  test('a name that somebody reads is shown once', async () => {
    await company();
    await old(31);
    const run = await startSettled();
    expect((await run.retention.status()).notice).not.toBeNull();
    await run.retention.noticeSeen();
    expect((await run.retention.status()).notice).toBeNull();
    await quit(run);
    const next = await startApp();
    expect((await next.retention.status()).notice).toBeNull();
    expect((await next.pass(25 * HOUR_MS)).bin).toHaveLength(1);
  });

  test('last copies too, when the settings say so: the whole recording goes, and comes back whole', async () => {
    rig.policy.retentionUnverified = true;
    await company();
    const id = await old(31, { cloud: 'none' });
    const bytes = await hashTree(join(rig.root, id));
    const run = await startSettled();
    const { bin } = await run.pass(25 * HOUR_MS);
    expect(await there(id)).toBe(false);
    expect(bin).toMatchObject([{ recordingId: id, kind: 'recording', title: 'Interview', participantNames: ['Ada'] }]);
    expect(run.harness.recordings.list().map((each) => each.id)).not.toContain(id);
    await run.retention.restore(bin[0]?.id ?? '');
    const journal = '/journal.jsonl';
    expect({ ...(await hashTree(join(rig.root, id))), [journal]: '' }).toEqual({ ...bytes, [journal]: '' });
    expect(run.harness.events).toContainEqual(
      expect.objectContaining({
        type: 'recordingChanged',
        recording: expect.objectContaining({ id, mediaLeftAt: null }),
      }),
    );
  });

  test('what must stay stays, and says why', async () => {
    await company();
    const stays: [Partial<StoredPlan>, string][] = [
      [{ cloud: 'none' }, 'It is in no bucket.'],
      [{ cloud: 'some' }, 'Only its mix is in your bucket.'],
      [{ cloud: 'queued' }, 'It is being uploaded.'],
      [{ cloud: 'failed' }, 'Its upload failed.'],
      [{ pinned: true }, 'You pinned it.'],
      [{ end: 'failed' }, 'It could not be finished: its raw files are the only copy.'],
    ];
    const ids = await Promise.all(stays.map(([plan]) => old(400, plan)));
    const bytes = await hashTree(rig.root);
    const run = await startSettled();
    await run.pass(3 * DAY_MS);
    for (const [index, id] of ids.entries()) {
      const seen = run.retention.view(run.harness.recordings.get({ recordingId: id }));
      expect([seen.leavesAt, seen.staysBecause]).toEqual([null, stays[index]?.[1]]);
    }
    await quit(run);
    expect(await hashTree(rig.root)).toEqual(bytes);
  });

  test('a file that was changed after it had been verified keeps its recording here, and the card says so', async () => {
    await company();
    const stale = await old(31, { cloud: 'stale' });
    const touched = await old(31);
    await writeFile(join(rig.root, touched, 'deliverables', 'mix.mp4'), 'x'.repeat(500));
    const run = await startSettled();
    await run.pass(2 * DAY_MS);
    for (const id of [stale, touched]) {
      const seen = run.retention.view(run.harness.recordings.get({ recordingId: id }));
      expect(seen.staysBecause).toContain('was changed after it had been compared with your bucket');
      expect(await there(id, 'deliverables', 'mix.mp4')).toBe(true);
    }
    expect(await binned()).toEqual([]);
  });

  test('a copy that the bucket no longer has, or a bucket that does not answer, keeps the recording here, and the card says so', async () => {
    const gone = await old(31, { title: 'Gone' });
    const silent = await old(31, { title: 'Silent' });
    await company();
    rig.bucketSays = (id) => (id === gone ? 'Not there.' : id === silent ? 'No answer.' : null);
    const run = await startSettled();
    const status = await run.pass(25 * HOUR_MS);
    expect(status.bin).toEqual([]);
    const because = (id: RecordingId): string | null =>
      run.retention.view(run.harness.recordings.get({ recordingId: id })).staysBecause;
    expect([because(gone), because(silent)]).toEqual(['Not there.', 'No answer.']);
    expect(await there(gone, 'deliverables', 'mix.mp4')).toBe(true);

    rig.bucketSays = (id) => (id === gone ? 'Not there.' : null);
    expect((await run.pass(HOUR_MS)).bin.map(({ recordingId }) => recordingId)).toEqual([silent]);
  });

  test('waits while something is recorded, and looks again behind it', async () => {
    await company();
    const id = await old(31);
    const run = await startSettled();
    await run.pass(20 * HOUR_MS);
    const { id: running } = await start(run.harness);
    await run.pass(8 * HOUR_MS);
    expect(await there(id, 'segments')).toBe(true);
    await run.harness.recordings.stop({ recordingId: running });
    rig.time.advance(3_000);
    await run.harness.recordings.settled({ recordingId: running });
    rig.time.advance(1_000);
    await run.retention.status();
    expect(await there(id, 'segments')).toBe(false);
  });

  test('what another app works in is left alone', async () => {
    await company();
    const id = await old(31);
    await rig.settleIn();
    const locks = (hostName: string) =>
      createFolderLocks({
        files: nodeFiles,
        ids: nodeIds,
        clock: rig.time.clock,
        scheduler: rig.time.scheduler,
        hostName,
        identityOf: async (pid) => ({ pid, startedAt: '1' }),
      });
    const other = locks('here');
    expect(await other.hold(rig.root)).toBe('held');
    const run = await rig.run({ locks: locks('here') });
    runs.push(run);
    await run.pass(2 * DAY_MS);
    expect(await there(id, 'segments')).toBe(true);
    expect(await there('.bin')).toBe(false);
    await other.release();
    await run.pass(2 * HOUR_MS);
    expect(await there(id, 'segments')).toBe(false);
  });
});

test('a real recording that a person deleted and brought back plays as before', async () => {
  const run = await startSettled();
  const { harness } = run;
  const { id } = await start(harness);
  const track = await openTrack(harness, id, {
    participantId: ADA,
    participantName: 'Ada',
    source: 'camera',
    lanes: ['audio'],
    atMs: 0,
  });
  await play(harness, id, [{ ...track, lane: 'audio', chunks: loadLane('audio-opus.webm').chunks, atMs: 260 }]);
  const recording = await stopAndSettle(harness, id);
  const bytes = await hashTree(recording.folder);
  await harness.recordings.delete({ recordingId: id });
  const { bin } = await run.retention.status();
  expect(bin).toMatchObject([{ recordingId: id, kind: 'recording', participantNames: ['Ada'] }]);
  await run.retention.restore(bin[0]?.id ?? '');
  expect(harness.recordings.get({ recordingId: id })).toEqual(recording);
  expect(await hashTree(recording.folder)).toEqual(bytes);
  const [file = expect.fail()] = recording.deliverables;
  expect(await decodeComplaints(join(recording.folder, file.file))).toBe('');
  await quit(run);
  const next = await startApp();
  expect(next.harness.recordings.get({ recordingId: id })).toEqual(recording);
});

describe('so many at once', () => {
  test('nothing goes before somebody says yes, and then what was asked about goes', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, () => old(31)));
    await company(100);
    const run = await startSettled();
    const { question } = await run.pass(30 * HOUR_MS);
    expect(question?.recordingIds.toSorted()).toEqual(ids.toSorted());
    expect(question?.sizeBytes).toBe(12 * 2100);
    const [one = expect.fail()] = ids;
    const seen = run.retention.view(run.harness.recordings.get({ recordingId: one }));
    expect(seen).toMatchObject({ leavesAt: null, staysBecause: 'It waits for your answer: many would leave at once.' });
    expect(await binned()).toEqual([]);
    const late = await old(31);
    const answered = await run.retention.answer('moveToBin');
    expect(answered.question).toBeNull();
    expect(answered.bin.map(({ recordingId }) => recordingId).toSorted()).toEqual(ids.toSorted());
    expect(await there(late, 'segments')).toBe(true);
  });

  test('who says no has them pinned, and is not asked again', async () => {
    const ids = await Promise.all(Array.from({ length: 3 }, () => old(31)));
    const run = await startSettled();
    expect((await run.pass(30 * HOUR_MS)).question?.recordingIds).toHaveLength(3);
    expect((await run.retention.answer('keep')).question).toBeNull();
    expect((await run.pass(3 * DAY_MS)).question).toBeNull();
    for (const id of ids) expect(run.harness.recordings.get({ recordingId: id }).pinned).toBe(true);
    expect(await binned()).toEqual([]);
  });

  test('an answer that was cut short by the end of the app still counts at the next start', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, () => old(31)));
    const run = await startSettled();
    await run.pass(30 * HOUR_MS);
    const machine = createKillSwitch(rig.folder, { name: 'rename in the bin', nth: 4, moment: 'before' });
    await quit(run);
    const next = await rig.open({ files: machine.files, jobs: machine.jobs });
    const work = async (): Promise<void> => {
      await next.harness.recordings.recover();
      next.retention.begin();
      await next.retention.status();
      await next.retention.answer('moveToBin');
    };
    await Promise.race([work(), machine.killed]);
    await machine.bury();
    expect(machine.isKilled()).toBe(true);
    const last = await startApp();
    expect((await last.retention.status()).question).toBeNull();
    for (const id of ids) expect(await there(id, 'segments')).toBe(false);
  });
});

describe('the clock', () => {
  test('ten years ahead while the app runs: nothing leaves, nothing goes from the bin, until the next start', async () => {
    await company();
    const id = await old(31);
    const gone = await old(2, { cloud: 'none' });
    const run = await startSettled();
    await run.harness.recordings.delete({ recordingId: gone });
    const bytes = await hashTree(rig.root);
    rig.time.jumpWall(3650 * DAY_MS);
    const status = await run.pass(50 * HOUR_MS);
    expect(status).toMatchObject({ clockJumped: true, notice: null, question: null });
    expect(await hashTree(rig.root)).toEqual(bytes);
    const seen = run.retention.view(run.harness.recordings.get({ recordingId: id }));
    expect(seen.staysBecause).toContain('clock of this computer jumped');
  });

  test('ten years ahead over several starts: a notice, a day, a question and seven days in the bin still come first', async () => {
    const ids = await Promise.all(Array.from({ length: 4 }, () => old(3)));
    const gone = await old(2, { cloud: 'none' });
    const first = await startSettled();
    await first.harness.recordings.delete({ recordingId: gone });
    await quit(first);
    const bytes = await hashTree(rig.root);
    rig.time.jumpWall(3650 * DAY_MS);
    const jumped = await startApp();
    expect(await jumped.pass(HOUR_MS)).toMatchObject({ clockJumped: true, notice: null });
    await quit(jumped);
    const told = await startApp();
    expect((await told.retention.status()).notice?.recordingIds).toHaveLength(4);
    await told.pass(20 * HOUR_MS);
    await quit(told);
    for (let n = 0; n < 3; n += 1) {
      const run = await startApp();
      await run.pass(10 * HOUR_MS);
      expect(await hashTree(rig.root)).toEqual(bytes);
      await quit(run);
    }
    const asking = await startApp();
    expect((await asking.retention.status()).question?.recordingIds.toSorted()).toEqual(ids.toSorted());
    // What a person deleted has its days too, of which the jump gave two.
    expect(await binned()).toHaveLength(1);
    await asking.pass(2 * DAY_MS);
    expect(await hashTree(rig.root)).toEqual(bytes);
    await asking.pass(3 * DAY_MS);
    expect(await binned()).toEqual([]);
  });

  test.each(['missing', 'damaged', 'of a later version'])(
    'with a memory that is %s nothing leaves in that run',
    async (what) => {
      await company();
      const id = await old(31);
      await rig.settleIn();
      const state: unknown = JSON.parse(await readFile(rig.statePath, 'utf8'));
      if (what === 'missing') await rm(rig.statePath);
      if (what === 'damaged') await writeFile(rig.statePath, '{"schema":1,"lastSeenWallMs":"yesterday"');
      if (what === 'of a later version')
        await writeFile(rig.statePath, JSON.stringify({ ...Object(state), schema: 2 }));
      const run = await startApp();
      await run.pass(3 * DAY_MS);
      expect(await there(id, 'segments')).toBe(true);
      expect(await run.retention.cleanUp({ maxAgeMs: 0 })).toMatchObject({ deleted: [] });
      await quit(run);
      await startApp();
      expect(await there(id, 'segments')).toBe(false);
    },
  );

  test('an app that was closed for a week deletes nothing in its first run, and goes on in the next', async () => {
    await company();
    const id = await old(31);
    const run = await startSettled();
    await quit(run);
    rig.time.advance(7 * DAY_MS);
    const back = await startApp();
    expect((await back.pass(DAY_MS)).clockJumped).toBe(true);
    expect(await there(id, 'segments')).toBe(true);
    await quit(back);
    const next = await startApp();
    expect((await next.retention.status()).clockJumped).toBe(false);
    expect(await there(id, 'segments')).toBe(false);
  });
});

describe('clean-up on demand', () => {
  test('takes what is old enough and verified, whatever the days of the settings, and says why the rest stays', async () => {
    const gone = await old(10);
    const young = await old(1);
    const only = await old(10, { cloud: 'none' });
    const changed = await old(10, { cloud: 'stale' });
    const run = await startSettled();
    const report = await run.retention.cleanUp({ maxAgeMs: 5 * DAY_MS });
    expect(report.deleted).toEqual([gone]);
    expect(report.freedBytes).toBe(2100);
    const reasons = Object.fromEntries(report.refused.map(({ recordingId, reason }) => [recordingId, reason]));
    expect(reasons).toEqual({
      [only]: 'It is in no bucket.',
      [changed]: expect.stringContaining('was changed after it had been compared'),
    });
    expect(await there(young, 'segments')).toBe(true);
    rig.policy.retentionUnverified = true;
    expect((await run.retention.cleanUp({ maxAgeMs: 5 * DAY_MS })).deleted).toEqual([only]);
    expect((await run.retention.status()).bin).toHaveLength(2);
  });

  test('does nothing with a clock that jumped', async () => {
    await old(10);
    const run = await startSettled();
    rig.time.jumpWall(4000 * DAY_MS);
    const report = await run.retention.cleanUp({ maxAgeMs: 0 });
    expect(report.deleted).toEqual([]);
    expect(report.refused).toMatchObject([{ reason: expect.stringContaining('clock of this computer jumped') }]);
  });
});

describe('traps', () => {
  let outside: string;
  let precious: Record<string, string>;

  beforeEach(async () => {
    rig.policy.retentionUnverified = true;
    outside = join(rig.folder, 'outside');
    await mkdir(outside);
    await company();
    await storeRecording(outside, { endedWallMs: 0, cloud: 'all' });
    await writeFile(join(outside, 'letter.txt'), 'mine');
    precious = await hashTree(outside);
    await rig.settleIn();
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
    await symlink(join(outside, inside), join(rig.root, inside));
    await letAllLeave();
    expect(await there(inside)).toBe(true);
  });

  test('a recording whose folder becomes a link while the app runs is left alone, also when a person deletes it', async () => {
    const id = await old(31, { cloud: 'none' });
    const run = await startApp();
    await rename(join(rig.root, id), join(rig.folder, 'elsewhere'));
    await symlink(join(rig.folder, 'elsewhere'), join(rig.root, id));
    const bytes = await hashTree(join(rig.folder, 'elsewhere'));
    await run.pass(2 * DAY_MS);
    await expect(run.harness.recordings.delete({ recordingId: id })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await hashTree(join(rig.folder, 'elsewhere'))).toEqual(bytes);
  });

  test('another folder in the place of a recording is left alone, also when a person deletes it', async () => {
    const [id, other] = [await old(31, { cloud: 'none' }), await old(1, { cloud: 'none' })];
    const run = await startApp();
    await rename(join(rig.root, id), join(rig.folder, 'elsewhere'));
    await rename(join(rig.root, other), join(rig.root, id));
    const bytes = await hashTree(join(rig.root, id));
    await run.pass(2 * DAY_MS);
    await expect(run.harness.recordings.delete({ recordingId: id })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await hashTree(join(rig.root, id))).toEqual(bytes);
  });

  test('links in the folder of a recording are never followed; a person may delete them with it', async () => {
    const id = await old(31, { cloud: 'none' });
    await symlink(outside, join(rig.root, id, 'segments', 'way-out'));
    await symlink(join(outside, 'letter.txt'), join(rig.root, id, 'deliverables', 'letter'));
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
    await link(join(rig.root, id, 'deliverables', 'mix.mp4'), join(outside, 'backup', 'mix.mp4'));
    precious = await hashTree(outside);
    await letAllLeave();
    expect(await there(id, 'deliverables')).toBe(false);
  });

  test('what somebody keeps beside the files of a recording keeps it here', async () => {
    const id = await old(31);
    await writeFile(join(rig.root, id, 'deliverables', 'my cut.mp4'), 'mine');
    const run = await letAllLeave();
    expect(await there(id, 'deliverables', 'my cut.mp4')).toBe(true);
    const seen = run.retention.view(run.harness.recordings.get({ recordingId: id }));
    expect(seen.staysBecause).toContain('deliverables/my cut.mp4');
  });

  test('a folder with a name like ours that is not ours is neither listed nor touched', async () => {
    const id = recordingIdSchema.parse('00000000-0000-4000-8000-00000000f0f0');
    await mkdir(join(rig.root, id));
    await writeFile(join(rig.root, id, 'letter.txt'), 'mine');
    const run = await letAllLeave();
    expect(run.harness.recordings.list().map((each) => each.id)).not.toContain(id);
    expect(await readdir(join(rig.root, id))).toEqual(['letter.txt']);
    expect(await readFile(join(rig.root, id, 'letter.txt'), 'utf8')).toBe('mine');
  });

  test('a bin that is a link is not used', async () => {
    const id = await old(31);
    await symlink(outside, join(rig.root, '.bin'));
    await letAllLeave();
    expect(await there(id, 'deliverables', 'mix.mp4')).toBe(true);
  });

  test('a library whose rows lie deletes nothing that the journals do not allow', async () => {
    const pinned = await old(31, { pinned: true });
    const only = await old(31, { cloud: 'queued' });
    const moved = await old(31);
    await quit(await startApp());
    const path = join(rig.folder, 'profile', 'library.json');
    const library = JSON.parse(await readFile(path, 'utf8')) as {
      folders: Record<string, { recording: Record<string, unknown>; journalBytes: number }[]>;
    };
    const rows = library.folders[rig.root] ?? expect.fail();
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
    library.folders[join(rig.folder, 'no-drive')] = [row(inside, join(outside, inside))];
    library.folders[dirname(rig.folder)] = [row('00000000-0000-4000-8000-0000000000aa', outside)];
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
    const second = join(rig.folder, 'second');
    await storeRecording(second, { id, endedWallMs: rig.nowMs() - 31 * DAY_MS, cloud: 'all' });
    await quit(await startApp());
    const path = join(rig.folder, 'profile', 'library.json');
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
    const bin = join(rig.root, '.bin');
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
    rig.bucketSays = () => 'No answer.';
    expect((await run.pass(8 * DAY_MS)).bin).toHaveLength(1);
    rig.bucketSays = () => null;
    expect((await run.pass(2 * HOUR_MS)).bin).toEqual([]);
  });

  test('a person who deletes a recording whose media are in the bin has all of it in one entry', async () => {
    await company();
    const id = await old(31);
    const bytes = await hashTree(join(rig.root, id));
    const run = await startSettled();
    await run.pass(25 * HOUR_MS);
    await run.harness.recordings.delete({ recordingId: id });
    const { bin } = await run.retention.status();
    expect(bin).toMatchObject([{ recordingId: id, kind: 'recording' }]);
    await run.retention.restore(bin[0]?.id ?? '');
    const back = await hashTree(join(rig.root, id));
    expect({ ...back, '/journal.jsonl': '' }).toEqual({ ...bytes, '/journal.jsonl': '' });
  });

  test('media whose recording has lost the record of their leaving come home at the next start', async () => {
    await company();
    const id = await old(31);
    const bytes = await hashTree(join(rig.root, id));
    const journal = await readFile(join(rig.root, id, 'journal.jsonl'));
    const run = await startSettled();
    await run.pass(25 * HOUR_MS);
    await quit(run);
    await writeFile(join(rig.root, id, 'journal.jsonl'), journal);
    const next = await startApp();
    expect(next.harness.recordings.get({ recordingId: id })).toMatchObject({ status: 'completed', mediaLeftAt: null });
    expect(await hashTree(join(rig.root, id))).toEqual(bytes);
  });

  test('is found again in a recordings folder whose last recording it holds', async () => {
    const id = await old(1);
    const second = join(rig.folder, 'second');
    const run = await startSettled();
    await run.harness.recordings.delete({ recordingId: id });
    await quit(run);
    await rename(rig.root, second);
    await mkdir(rig.root);
    const path = join(rig.folder, 'profile', 'library.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll(rig.root, second));
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
    await storeRecording(rig.root, { id, endedWallMs: 0 });
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
  const path = join(rig.root, id, 'segments', 'mix-0.webm');
  await utimes(path, new Date(0), new Date(0));
  const run = await startSettled();
  const { bin } = await run.pass(25 * HOUR_MS);
  await run.retention.restore(bin[0]?.id ?? '');
  expect((await stat(path)).mtimeMs).toBe(0);
});
