/**
 * A recorder in a process of its own, to be killed: `node recorder-writer.ts <folder> <format> [<media>]`. It records two people
 * and a mix in real time and prints one JSON line per acknowledged chunk. `media` is a folder of counted-media.ts: with it the
 * recorders never end; without, they give out a few seconds that real ones gave. `--markers` drops a marker every 400 ms.
 */
import { crc32 } from 'node:zlib';
import type { Lane } from '../../contract/recording.ts';
import { nodeScheduler } from '../../main/recording/node-clock.ts';
import { CHUNK_MS, loadWriterLanes, type WriterLane } from './counted-media.ts';
import { loadLane } from './lanes.ts';
import { openRealRecorder } from './real-recorder.ts';
import { ADA, BEN, CALL_ID } from './recorder-harness.ts';

/** How long after the end of its last frame a chunk comes, as measured of real recorders (main/recording/lane-clock.ts). */
const CHUNK_LAG_MS = { audio: 100, video: 35, av: 35 } as const;

const dropsMarkers = process.argv.includes('--markers');
const [folder = '', formatName = 'mkv', media] = process.argv.slice(2).filter((each) => each !== '--markers');
const format = formatName === 'mp4' ? 'mp4' : 'mkv';
const say = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
const wallMs = (): number => performance.timeOrigin + performance.now();

const { recordings } = openRealRecorder(folder, { format });
await recordings.recover();
const lanes = media === undefined ? fixtureLanes() : await loadWriterLanes(media);
say({ event: 'starting' });
const { id } = await recordings.start({ callId: CALL_ID, title: 'To be killed', recordedBy: 'Ada', format });
const elapsedMs = (): number => recordings.callRecording()?.elapsedMs ?? 0;
say({ event: 'started', id, zeroMs: wallMs() - elapsedMs() });

const people = [
  { participantId: null, participantName: '', source: 'mix' as const },
  { participantId: ADA, participantName: 'Ada', source: 'camera' as const },
  { participantId: BEN, participantName: 'Ben', source: 'camera' as const },
];
for (const person of people) {
  const own = lanes.filter((lane) => lane.participantName === person.participantName);
  const { trackId } = await recordings.openTrack({ recordingId: id, ...person });
  const names = own.map(({ lane }) => lane);
  const startMs = elapsedMs();
  const { segment } = await recordings.openSegment({ recordingId: id, trackId, lanes: names, atMs: startMs });
  for (const { lane, chunk } of own) {
    say({ event: 'lane', trackId, participantName: person.participantName, lane, startMs });
    run(lane, chunk, { trackId, segment, startMs });
  }
}

/** Gives out one lane's chunks when a recorder that was started then would. */
function run(
  lane: Lane,
  chunk: WriterLane['chunk'],
  at: { trackId: Awaited<ReturnType<typeof recordings.openTrack>>['trackId']; segment: number; startMs: number },
): void {
  const { trackId, segment, startMs } = at;
  let seq = 0;
  const next = (): void => {
    const bytes = chunk(seq);
    if (bytes === null) return;
    const copy = new Uint8Array(bytes);
    const begunAtMs = startMs + (lane === 'audio' ? 60 : 5);
    const about = { recordingId: id, trackId, segment, lane, seq, crc32: crc32(copy), atMs: elapsedMs(), begunAtMs };
    seq += 1;
    recordings.append({ ...about, bytes: copy }).then(
      (ack) => say({ event: 'ack', trackId, lane, seq: ack.seq }),
      (error: unknown) => say({ event: 'refused', lane, error: String(error) }),
    );
    wait();
  };
  // By the clock, not by adding up delays: a late timer must not make the recorder slow.
  const wait = (): void => {
    const dueMs = startMs + CHUNK_MS * (seq + 1) + CHUNK_LAG_MS[lane];
    nodeScheduler.after(Math.max(0, dueMs - elapsedMs()), next);
  };
  wait();
}

function fixtureLanes(): WriterLane[] {
  const names = [
    ['', 'av', 'mix-h264.mkv'],
    ['Ada', 'audio', 'audio-opus.webm'],
    ['Ada', 'video', 'video-h264.mkv'],
    ['Ben', 'audio', 'audio-opus.webm'],
    ['Ben', 'video', 'video-vp8.webm'],
  ] as const;
  return names.map(([participantName, lane, name]) => {
    const { chunks } = loadLane(name);
    return { participantName, lane, chunk: (index) => chunks[index] ?? null };
  });
}

if (dropsMarkers) {
  nodeScheduler.every(400, () => {
    void recordings.addMarker({ recordingId: id }).then((marker) => say({ event: 'marker', ...marker }));
  });
}
// The timers above do not keep a process alive; this one does until it is killed.
setInterval(() => undefined, 60_000);
