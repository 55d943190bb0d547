/** One upload as the app does it: `node upload-ours.ts <folder> <recording id> <file> <destination as JSON>`; prints its figures. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { destinationSchema } from '../../contract/cloud.ts';
import type { CloudFile } from '../../contract/cloud.ts';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { RecordingId } from '../../contract/ids.ts';
import { openCloudRig } from '../support/cloud-rig.ts';
import { writeFinishedRecording } from '../support/finished-recording.ts';
import { watchUpload } from './upload-figures.ts';

const WARM_UP_BYTES = 20 * 1024 * 1024;
const LOOK_MS = 5;

const [folder = '', id = '', , destination = ''] = process.argv.slice(2);
const recordingsFolder = join(folder, 'recordings');
const warmUp = await writeFinishedRecording(recordingsFolder, [WARM_UP_BYTES]);
const rig = await openCloudRig(folder, destinationSchema.parse(JSON.parse(destination)));
await rig.cloud.upload(warmUp.id);
await until(warmUp.id, ['verified']);
await rig.cloud.removeFiles(warmUp.id);

const recordingId = recordingIdSchema.parse(id);
const watch = watchUpload();
await rig.cloud.upload(recordingId);
await until(recordingId, ['verifying', 'verified']);
watch.sent();
await until(recordingId, ['verified']);
process.stdout.write(JSON.stringify(watch.end()));
await rig.close();
await rm(warmUp.folder, { recursive: true, force: true });
process.exit(0);

/** Waits until the only file of a recording is in one of these states. */
async function until(recordingId: RecordingId, states: readonly CloudFile['state'][]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    const { cloud } = rig.recordings.get({ recordingId });
    const state = cloud.files[0]?.state;
    if (state !== undefined && states.includes(state)) resolve();
    if (cloud.state === 'failed') reject(new Error(cloud.error?.message));
  }, LOOK_MS);
  await promise.finally(() => clearInterval(timer));
}
