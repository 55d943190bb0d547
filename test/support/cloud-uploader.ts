/**
 * An app that uploads, in a process of its own, to be killed: `node cloud-uploader.ts <folder> <destination as JSON> [<media>]`. It sends the
 * oldest recording of the folder to the bucket, or goes on with that, and prints a JSON line for each change. It does what lines on
 * its standard input say: `record` (with the lanes that counted-media.ts left in `<media>`), `stop`, `retain` and `close`.
 */
import { createInterface } from 'node:readline';
import { destinationSchema } from '../../contract/cloud.ts';
import type { UploaderLine } from '../faults/uploader.ts';
import { openCloudRig } from './cloud-rig.ts';
import { loadWriterLanes } from './counted-media.ts';
import { startLiveTake } from './live-take.ts';
import type { LiveTake } from './live-take.ts';

const [folder = '', destination = '', media = ''] = process.argv.slice(2);
const say = (line: UploaderLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const rig = await openCloudRig(folder, destinationSchema.parse(JSON.parse(destination)));
const { recordings, cloud } = rig;
const sent = recordings.list().at(-1);
if (sent === undefined) throw new Error('There is no recording.');
recordings.subscribe((event) => {
  if ('recording' in event && event.recording.id === sent.id) say({ event: 'cloud', cloud: event.recording.cloud });
});
let take: LiveTake | null = null;
const commands: Record<string, () => Promise<void>> = {
  record: async () => {
    take = await startLiveTake(recordings, await loadWriterLanes(media));
    say({ event: 'recording' });
  },
  stop: async () => {
    if (take !== null) say({ event: 'recorded', report: await take.stop() });
  },
  retain: async () => say({ event: 'retained', moved: await rig.retain() }),
  close: async () => {
    await rig.close();
    process.stdout.write('', () => process.exit(0));
  },
};
createInterface({ input: process.stdin }).on('line', (line) => void commands[line]?.());
if (sent.cloud.state === 'none') await cloud.upload(sent.id);
say({ event: 'cloud', cloud: recordings.get({ recordingId: sent.id }).cloud });
// The app's timers do not keep a process alive; this one does until it is told to go, or killed.
setInterval(() => undefined, 60_000);
