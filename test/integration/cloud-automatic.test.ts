import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deliverableIdSchema } from '../../contract/ids.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import { nodeIds, nodeScheduler } from '../../main/recording/node-clock.ts';
import type { Scheduler } from '../../main/recording/ports.ts';
import { makeCloud } from '../support/cloud-harness.ts';
import type { CloudHarness } from '../support/cloud-harness.ts';
import { writeFinishedRecording } from '../support/finished-recording.ts';
import { loadLane } from '../support/lanes.ts';
import { createScriptedBucket } from '../support/scripted-bucket.ts';
import type { ScriptedBucket } from '../support/scripted-bucket.ts';
import { ADA, makeHarness, openTrack, play, start, stopAndSettle } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';

const PART = 64 * 1024;

/** Seconds become hundredths: what waits for things to settle is not what is tried here. */
const hasty: Scheduler = {
  every: (intervalMs, run) => nodeScheduler.every(intervalMs / 100, run),
  after: (delayMs, run) => nodeScheduler.after(delayMs / 100, run),
};

let harness: Harness;
let bucket: ScriptedBucket;
let up: CloudHarness;

beforeEach(async () => {
  harness = await makeHarness();
  bucket = createScriptedBucket();
});
afterEach(async () => {
  await up.cloud.close(2_000);
  await harness.end();
});

function startCloud(settings: Parameters<typeof makeCloud>[0]['settings'] = { cloudAutomatic: true }): void {
  up = makeCloud({
    recordings: harness.recordings,
    openTarget: async () => bucket.open(),
    settings,
    scheduler: hasty,
  });
}

const get = (recordingId: RecordingId): Recording => harness.recordings.get({ recordingId });

async function verified(recordingId: RecordingId): Promise<Recording> {
  await expect.poll(() => get(recordingId).cloud.state).toBe('verified');
  return get(recordingId);
}

/** Records two seconds of a mix and of Ada. */
async function record(): Promise<Recording> {
  const { id } = await start(harness, 'mkv');
  const mix = await openTrack(harness, id, {
    participantId: null,
    participantName: '',
    source: 'mix',
    lanes: ['av'],
    atMs: 20,
  });
  const ada = await openTrack(harness, id, {
    participantId: ADA,
    participantName: 'Ada',
    source: 'camera',
    lanes: ['audio', 'video'],
    atMs: 700,
  });
  const marked = Promise.withResolvers<unknown>();
  harness.time.scheduler.after(1_400, () => marked.resolve(harness.recordings.addMarker({ recordingId: id })));
  await play(harness, id, [
    { ...mix, lane: 'av', chunks: loadLane('mix-h264.mkv').chunks, atMs: 290 },
    { ...ada, lane: 'audio', chunks: loadLane('audio-opus.webm').chunks, atMs: 960 },
    { ...ada, lane: 'video', chunks: loadLane('video-h264.mkv').chunks, atMs: 970 },
  ]);
  await marked.promise;
  return stopAndSettle(harness, id);
}

test('a recording goes to the bucket by itself once it is completed, and again when a marker is named later', async () => {
  startCloud();
  const { id } = await record();
  const first = await verified(id);
  expect(first.cloud).toMatchObject({ complete: true, unsettled: false });
  expect(first.cloud.files).toHaveLength(2);
  const sizes = new Map([...bucket.objects].map(([key, bytes]) => [key, bytes.length]));

  const [marker] = first.markers;
  if (marker === undefined) throw new Error('no marker');
  const name = 'A name that makes the file longer';
  await harness.recordings.renameMarker({ recordingId: id, markerId: marker.id, name });
  const changed = await harness.recordings.settled({ recordingId: id });
  expect(changed.cloud.complete).toBe(false);
  const again = await verified(id);
  expect(again.cloud.complete).toBe(true);
  expect([...bucket.objects.keys()]).toEqual([...sizes.keys()]);
  const file = again.cloud.files[0];
  expect(bucket.objects.get(file?.key ?? '')?.length).toBe(file?.sizeBytes);
  expect([...bucket.objects.values()].some((bytes) => Buffer.from(bytes).includes(name))).toBe(true);
});

test('a marker that is named while its file is on the way costs no failure', async () => {
  startCloud();
  let wasNamed = false;
  bucket.intercept = async ({ name, key }) => {
    if (wasNamed || name !== 'put' || !key.includes('mix')) return;
    wasNamed = true;
    const [recording] = harness.recordings.list();
    const marker = recording?.markers[0];
    if (recording === undefined || marker === undefined) throw new Error('no marker');
    await harness.recordings.renameMarker({ recordingId: recording.id, markerId: marker.id, name: 'Meanwhile' });
    await harness.recordings.settled({ recordingId: recording.id });
  };
  const { id } = await record();
  const after = await verified(id);
  expect(wasNamed).toBe(true);
  expect(after.cloud).toMatchObject({ complete: true, error: null });
  expect([...bucket.objects.values()].some((bytes) => Buffer.from(bytes).includes('Meanwhile'))).toBe(true);
});

test('without the automatic nothing goes by itself, and a change after sending is told as what has to be sent again', async () => {
  startCloud({ cloudAutomatic: false });
  const { id } = await record();
  expect(get(id).cloud.state).toBe('none');
  await up.cloud.upload(id);
  const { markers } = await verified(id);
  const markerId = markers[0]?.id;
  if (markerId === undefined) throw new Error('no marker');
  await harness.recordings.renameMarker({ recordingId: id, markerId, name: 'Later' });
  const changed = await harness.recordings.settled({ recordingId: id });
  expect(changed.cloud).toMatchObject({ state: 'failed', complete: false, error: { code: 'SOURCE_CHANGED' } });
  await up.cloud.upload(id);
  expect((await verified(id)).cloud.complete).toBe(true);
});

test('a file that is made of a recording that was sent joins it in the bucket', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [PART]);
  await harness.recordings.recover();
  startCloud();
  up.cloud.begin();
  await up.cloud.upload(recording.id);
  const first = await verified(recording.id);
  await writeFile(join(recording.folder, 'deliverables/more.mp4'), 'more');
  const [made] = first.deliverables;
  if (made === undefined) throw new Error('no file');
  const deliverable = {
    ...made,
    id: deliverableIdSchema.parse(nodeIds.next()),
    file: 'deliverables/more.mp4',
    kind: 'track' as const,
    sizeBytes: 4,
  };
  await harness.recordings.withOpen(recording.id, (open) =>
    open.record({ kind: 'deliverable', deliverable, replaces: [] }, { announce: true }),
  );
  await expect.poll(() => get(recording.id).cloud.complete).toBe(true);
  expect(new Set([...bucket.objects.keys()].map((key) => key.split('/').at(-1)))).toEqual(
    new Set(['mix.mp4', 'more.mp4']),
  );
  expect(new Set([...bucket.objects.keys()].map((key) => key.slice(0, key.lastIndexOf('/')))).size).toBe(1);
});

test('a recording that was cancelled, or was there before, stays where it is', async () => {
  const before = await writeFinishedRecording(harness.recordingsFolder, [PART]);
  const cancelled = await writeFinishedRecording(harness.recordingsFolder, [PART]);
  await harness.recordings.recover();
  startCloud();
  up.controls.doing = 'recording';
  await up.cloud.upload(cancelled.id);
  await up.cloud.cancel(cancelled.id);
  up.controls.doing = null;
  await up.cloud.close(2_000);
  harness = harness.restart();
  await harness.recordings.recover();
  startCloud();
  up.cloud.begin();
  await expect.poll(() => get(cancelled.id).cloud.unsettled).toBe(false);
  expect(get(cancelled.id).cloud.state).toBe('none');
  expect(get(before.id).cloud.state).toBe('none');
  expect(bucket.objects.size).toBe(0);
});

test('a recording that was completed as the app was killed, before it was queued, is queued at the next start', async () => {
  const recording = await writeFinishedRecording(harness.recordingsFolder, [PART]);
  await harness.recordings.recover();
  await harness.recordings.withOpen(recording.id, (open) => open.record({ kind: 'cloudWanted' }, { announce: false }));
  harness = harness.restart();
  await harness.recordings.recover();
  startCloud();
  up.cloud.begin();
  expect((await verified(recording.id)).cloud.unsettled).toBe(false);
});

test('only the mix goes when only the mix is wanted', async () => {
  startCloud({ cloudAutomatic: true, cloudWhat: 'mix' });
  const { id, deliverables } = await record();
  const after = await verified(id);
  expect(deliverables).toHaveLength(2);
  expect(after.cloud).toMatchObject({ complete: false, state: 'verified' });
  expect([...bucket.objects.keys()].map((key) => key.split('/').at(-1))).toEqual([expect.stringContaining('mix')]);
});
