/**
 * A recorder in a process of its own, to be killed: `node recorder-writer.ts <folder> <format> [markers]`. It records two people and
 * a mix in real time and prints one JSON line per acknowledged chunk, and per marker that it drops when asked to.
 */
import { crc32 } from 'node:zlib';
import { join } from 'node:path';
import type { Lane } from '../../contract/recording.ts';
import { createLibrary } from '../../main/library/library.ts';
import { nodeClock, nodeIds, nodeScheduler } from '../../main/recording/node-clock.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import { createRecordings } from '../../main/recording/recording-service.ts';
import { loadLane } from './lanes.ts';
import { ADA, BEN, CALL_ID, realJobs } from './recorder-harness.ts';

const [folder = '', format = 'mkv', extra = ''] = process.argv.slice(2);
const library = createLibrary({
  files: nodeFiles,
  ids: nodeIds,
  scheduler: nodeScheduler,
  path: join(folder, 'profile', 'library.json'),
  onWriteFailed: () => undefined,
});
const recordings = createRecordings(
  { files: nodeFiles, clock: nodeClock, ids: nodeIds, scheduler: nodeScheduler, jobs: realJobs(), library },
  {
    recordingsFolder: () => join(folder, 'recordings'),
    captureSettings: () => ({ videoBitsPerSecond: 2_000_000, audioBitsPerSecond: 128_000, recordMix: true }),
    diskReserveBytes: () => 0,
    format: () => 'mkv',
    writingApp: 'Tallylight test',
  },
);
await recordings.recover();
const { id } = await recordings.start({
  callId: CALL_ID,
  title: 'To be killed',
  recordedBy: 'Ada',
  format: format === 'mp4' ? 'mp4' : 'mkv',
});
const say = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
say({ event: 'started', id });

const people = [
  { participantId: null, participantName: '', source: 'mix' as const, lanes: { av: 'mix-h264.mkv' as const } },
  {
    participantId: ADA,
    participantName: 'Ada',
    source: 'camera' as const,
    lanes: { audio: 'audio-opus.webm' as const, video: 'video-h264.mkv' as const },
  },
  {
    participantId: BEN,
    participantName: 'Ben',
    source: 'camera' as const,
    lanes: { audio: 'audio-opus.webm' as const, video: 'video-vp8.webm' as const },
  },
];
const elapsedMs = (): number => recordings.callRecording()?.elapsedMs ?? 0;
for (const { lanes, ...person } of people) {
  const { trackId } = await recordings.openTrack({ recordingId: id, ...person });
  const names = Object.keys(lanes) as Lane[];
  const { segment } = await recordings.openSegment({ recordingId: id, trackId, lanes: names, atMs: elapsedMs() });
  for (const [lane, name] of Object.entries(lanes) as [Lane, (typeof lanes)[keyof typeof lanes]][]) {
    if (name === undefined) continue;
    const { chunks } = loadLane(name);
    let seq = 0;
    const undo = nodeScheduler.every(250, () => {
      const bytes = chunks[seq];
      if (bytes === undefined) {
        undo();
        return;
      }
      const copy = new Uint8Array(bytes);
      const chunk = {
        recordingId: id,
        trackId,
        segment,
        lane,
        seq,
        crc32: crc32(copy),
        atMs: elapsedMs(),
        bytes: copy,
      };
      seq += 1;
      recordings.append(chunk).then(
        (ack) => say({ event: 'ack', trackId, lane, seq: ack.seq }),
        (error: unknown) => say({ event: 'refused', lane, error: String(error) }),
      );
    });
  }
}
if (extra === 'markers') {
  nodeScheduler.every(400, () => {
    void recordings.addMarker({ recordingId: id }).then((marker) => say({ event: 'marker', ...marker }));
  });
}
// The timers above do not keep a process alive; this one does until it is killed.
setInterval(() => undefined, 60_000);
