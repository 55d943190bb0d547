import { createHash } from 'node:crypto';
import { GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { createS3Target } from '../../main/cloud/s3/s3-target.ts';
import { makeCloud } from '../support/cloud-harness.ts';
import { writeFinishedRecording } from '../support/finished-recording.ts';
import { RADOSGW_KEYS, radosgwClient } from '../support/radosgw.ts';
import { makeHarness } from '../support/recorder-harness.ts';
import { RADOSGW_START_LIMIT_MS, sharedRadosgw } from '../support/shared-radosgw.ts';

const MIB = 1024 * 1024;

test(
  'on a real server an upload that was cut off goes on with what is missing, and ends in the same bytes',
  async () => {
    const { endpoint, destination } = await sharedRadosgw();
    let harness = await makeHarness();
    const recording = await writeFinishedRecording(harness.recordingsFolder, [23 * MIB + 5, 1000]);
    await harness.recordings.recover();
    const openTarget = () => createS3Target(destination, { kind: 's3Keys', ...RADOSGW_KEYS, sessionToken: null });
    const sent: number[] = [];
    const make = () => {
      const made = makeCloud({
        recordings: harness.recordings,
        openTarget: async () => {
          const target = await openTarget();
          return {
            ...target,
            sendPart: (object, session, part, options) => {
              sent.push(part.number);
              return target.sendPart(object, session, part, options);
            },
          };
        },
        partBytes: 5 * MIB,
      });
      made.controls.destination = destination;
      return made;
    };
    const first = make();
    await first.cloud.upload(recording.id);
    await expect
      .poll(() => harness.recordings.get({ recordingId: recording.id }).cloud.sentBytes, { timeout: 30_000 })
      .toBeGreaterThan(9 * MIB);
    await first.cloud.close(5_000);
    const { sentBytes } = harness.recordings.get({ recordingId: recording.id }).cloud;
    sent.length = 0;

    harness = harness.restart();
    await harness.recordings.recover();
    const second = make();
    second.cloud.begin();
    await expect
      .poll(() => harness.recordings.get({ recordingId: recording.id }).cloud.state, { timeout: 30_000 })
      .toBe('verified');
    expect(sent.length).toBeLessThanOrEqual(5 - Math.floor(sentBytes / (5 * MIB)));

    const client = radosgwClient(endpoint);
    const Bucket = destination.bucket;
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents).toHaveLength(2);
    for (const { file, key } of harness.recordings.get({ recordingId: recording.id }).cloud.files) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array(0);
      const wanted = recording.files.find((each) => each.file === file)?.sha256;
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(wanted);
    }
    expect((await client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toEqual([]);
    client.destroy();
    await second.cloud.close(5_000);
    await harness.end();
  },
  RADOSGW_START_LIMIT_MS,
);
