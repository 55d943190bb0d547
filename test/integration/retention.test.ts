import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RecordingId } from '../../contract/ids.ts';
import { createFolderLocks } from '../../main/recording/folder-lock.ts';
import { nodeIds } from '../../main/recording/node-clock.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import { createKillSwitch } from '../support/kill-switch.ts';
import { loadLane } from '../support/lanes.ts';
import { decodeComplaints, hashTree } from '../support/media-report.ts';
import { ADA, openTrack, play, start, stopAndSettle } from '../support/recorder-harness.ts';
import { DAY_MS, HOUR_MS } from '../support/retention-rig.ts';
import type { StoredPlan } from '../support/stored-recordings.ts';
import { setRetentionScene } from '../support/retention-scene.ts';

const scene = setRetentionScene();
const { old, company, startApp, startSettled, quit, there, binned } = scene;

describe('leaving', () => {
  test('is told a day ahead, takes the media and leaves the rest, and what left can be brought back byte for byte', async () => {
    await company();
    const id = await old(31);
    const bytes = await hashTree(join(scene.rig.root, id));
    const run = await startSettled();
    const { notice } = await run.retention.status();
    expect(notice).toEqual({ recordingIds: [id], firstAt: new Date(scene.rig.nowMs() + DAY_MS).toISOString() });
    await run.pass(23 * HOUR_MS);
    expect(await hashTree(join(scene.rig.root, id))).toEqual(bytes);
    const status = await run.pass(2 * HOUR_MS);
    expect(await readdir(join(scene.rig.root, id))).toEqual(['journal.jsonl', 'thumbnails']);
    const listed = run.harness.recordings.get({ recordingId: id });
    expect(listed).toMatchObject({ status: 'completed', sizeBytes: 0, mediaLeftAt: expect.any(String) });
    expect(listed.thumbnails).toHaveLength(1);
    expect(status.notice).toBeNull();
    const [entry] = status.bin;
    expect(entry).toMatchObject({ recordingId: id, kind: 'media', title: 'Interview', sizeBytes: 2100 });
    expect(Date.parse(entry?.goesAt ?? '') - Date.parse(entry?.binnedAt ?? '')).toBeLessThan(7 * DAY_MS + HOUR_MS);

    const after = await run.retention.restore(entry?.id ?? '');
    expect(after.bin).toEqual([]);
    const back = await hashTree(join(scene.rig.root, id));
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
    await rm(join(scene.rig.folder, 'profile', 'library.json'));
    await rm(join(scene.rig.folder, 'profile', 'library.json.previous'), { force: true });
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
    scene.rig.policy.retentionUnverified = true;
    await company();
    const id = await old(31, { cloud: 'none' });
    const bytes = await hashTree(join(scene.rig.root, id));
    const run = await startSettled();
    const { bin } = await run.pass(25 * HOUR_MS);
    expect(await there(id)).toBe(false);
    expect(bin).toMatchObject([{ recordingId: id, kind: 'recording', title: 'Interview', participantNames: ['Ada'] }]);
    expect(run.harness.recordings.list().map((each) => each.id)).not.toContain(id);
    await run.retention.restore(bin[0]?.id ?? '');
    const journal = '/journal.jsonl';
    expect({ ...(await hashTree(join(scene.rig.root, id))), [journal]: '' }).toEqual({ ...bytes, [journal]: '' });
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
    const bytes = await hashTree(scene.rig.root);
    const run = await startSettled();
    await run.pass(3 * DAY_MS);
    for (const [index, id] of ids.entries()) {
      const seen = run.retention.view(run.harness.recordings.get({ recordingId: id }));
      expect([seen.leavesAt, seen.staysBecause]).toEqual([null, stays[index]?.[1]]);
    }
    await quit(run);
    expect(await hashTree(scene.rig.root)).toEqual(bytes);
  });

  test('a file that was changed after it had been verified keeps its recording here, and the card says so', async () => {
    await company();
    const stale = await old(31, { cloud: 'stale' });
    const touched = await old(31);
    await writeFile(join(scene.rig.root, touched, 'deliverables', 'mix.mp4'), 'x'.repeat(500));
    const run = await startSettled();
    await run.pass(2 * DAY_MS);
    for (const id of [stale, touched]) {
      const seen = run.retention.view(run.harness.recordings.get({ recordingId: id }));
      expect(seen.staysBecause).toContain('was changed after it had been compared with your bucket');
      expect(await there(id, 'deliverables', 'mix.mp4')).toBe(true);
    }
    expect(await binned()).toEqual([]);
  });

  test('a bucket that does not answer keeps recordings here and is asked once a look; a copy that it no longer has keeps its own', async () => {
    const gone = await old(31, { title: 'Gone' });
    const other = await old(31, { title: 'Other' });
    await company();
    const asked: RecordingId[] = [];
    scene.rig.bucketSays = (id) => {
      asked.push(id);
      return { because: 'No answer.', silent: true };
    };
    const run = await startSettled();
    await run.pass(25 * HOUR_MS);
    asked.length = 0;
    expect((await run.pass(HOUR_MS)).bin).toEqual([]);
    expect(asked).toHaveLength(1);
    const because = (id: RecordingId): string | null =>
      run.retention.view(run.harness.recordings.get({ recordingId: id })).staysBecause;
    expect([because(gone), because(other)]).toEqual(['No answer.', 'No answer.']);

    scene.rig.bucketSays = (id) => (id === gone ? { because: 'Not there.', silent: false } : null);
    expect((await run.pass(HOUR_MS)).bin.map(({ recordingId }) => recordingId)).toEqual([other]);
    expect(because(gone)).toBe('Not there.');
    expect(await there(gone, 'deliverables', 'mix.mp4')).toBe(true);
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
    scene.rig.time.advance(3_000);
    await run.harness.recordings.settled({ recordingId: running });
    scene.rig.time.advance(1_000);
    await run.retention.status();
    expect(await there(id, 'segments')).toBe(false);
  });

  test('what another app works in is left alone', async () => {
    await company();
    const id = await old(31);
    await scene.rig.settleIn();
    const locks = (hostName: string) =>
      createFolderLocks({
        files: nodeFiles,
        ids: nodeIds,
        clock: scene.rig.time.clock,
        scheduler: scene.rig.time.scheduler,
        hostName,
        identityOf: async (pid) => ({ pid, startedAt: '1' }),
      });
    const other = locks('here');
    expect(await other.hold(scene.rig.root)).toBe('held');
    const run = await startApp({ locks: locks('here') });
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
    const machine = createKillSwitch(scene.rig.folder, { name: 'rename in the bin', nth: 4, moment: 'before' });
    await quit(run);
    const next = await scene.rig.open({ files: machine.files, jobs: machine.jobs });
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
    const bytes = await hashTree(scene.rig.root);
    scene.rig.time.jumpWall(3650 * DAY_MS);
    const status = await run.pass(50 * HOUR_MS);
    expect(status).toMatchObject({ clockJumped: true, notice: null, question: null });
    expect(await hashTree(scene.rig.root)).toEqual(bytes);
    const seen = run.retention.view(run.harness.recordings.get({ recordingId: id }));
    expect(seen.staysBecause).toContain('clock of this computer jumped');
  });

  test('ten years ahead over several starts: a notice, a day, a question and seven days in the bin still come first', async () => {
    const ids = await Promise.all(Array.from({ length: 4 }, () => old(3)));
    const gone = await old(2, { cloud: 'none' });
    const first = await startSettled();
    await first.harness.recordings.delete({ recordingId: gone });
    await quit(first);
    const bytes = await hashTree(scene.rig.root);
    scene.rig.time.jumpWall(3650 * DAY_MS);
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
      expect(await hashTree(scene.rig.root)).toEqual(bytes);
      await quit(run);
    }
    const asking = await startApp();
    expect((await asking.retention.status()).question?.recordingIds.toSorted()).toEqual(ids.toSorted());
    // What a person deleted has its days too, of which the jump gave two.
    expect(await binned()).toHaveLength(1);
    await asking.pass(2 * DAY_MS);
    expect(await hashTree(scene.rig.root)).toEqual(bytes);
    await asking.pass(3 * DAY_MS);
    expect(await binned()).toEqual([]);
  });

  test.each(['missing', 'damaged', 'of a later version'])(
    'with a memory that is %s nothing leaves in that run',
    async (what) => {
      await company();
      const id = await old(31);
      await scene.rig.settleIn();
      const state: unknown = JSON.parse(await readFile(scene.rig.statePath, 'utf8'));
      if (what === 'missing') await rm(scene.rig.statePath);
      if (what === 'damaged') await writeFile(scene.rig.statePath, '{"schema":1,"lastSeenWallMs":"yesterday"');
      if (what === 'of a later version')
        await writeFile(scene.rig.statePath, JSON.stringify({ ...Object(state), schema: 2 }));
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
    scene.rig.time.advance(7 * DAY_MS);
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
    scene.rig.policy.retentionUnverified = true;
    expect((await run.retention.cleanUp({ maxAgeMs: 5 * DAY_MS })).deleted).toEqual([only]);
    expect((await run.retention.status()).bin).toHaveLength(2);
  });

  test('does nothing with a clock that jumped', async () => {
    await old(10);
    const run = await startSettled();
    scene.rig.time.jumpWall(4000 * DAY_MS);
    const report = await run.retention.cleanUp({ maxAgeMs: 0 });
    expect(report.deleted).toEqual([]);
    expect(report.refused).toMatchObject([{ reason: expect.stringContaining('clock of this computer jumped') }]);
  });
});
