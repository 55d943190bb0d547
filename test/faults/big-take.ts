import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { callIdSchema, deliverableIdSchema, recordingIdSchema, trackIdSchema } from '../../contract/ids.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { TimedBlock } from '../../main/media/matroska/interleaver.ts';
import { createLaneReader } from '../../main/media/matroska/lane-reader.ts';
import { createSegmentWriter } from '../../main/media/matroska/segment-writer.ts';
import type { SegmentWriter } from '../../main/media/matroska/segment-writer.ts';
import { journalLine } from '../../main/recording/journal-lines.ts';
import type { JournalRecord } from '../../main/recording/journal-records.ts';
import { nodeIds } from '../../main/recording/node-clock.ts';
import { loadLane, writeSegment } from '../support/lanes.ts';

/** 25 to 30 frames a second of this size are about 4 Mbit/s. */
const FRAME_BYTES = 16_000;
const CLUSTER_MS = 250;
/** The take was begun this long ago; its end is what was written. */
const STARTED_AT = '2026-11-22T10:00:00.000Z';

type Round = { blocks: TimedBlock[]; periodMs: number };

/** An interrupted recording of some people as a killed app leaves it: real media of this size in all. */
export async function makeBigTake(root: string, tracks: number, sizeBytes: number): Promise<BigTake> {
  const id = recordingIdSchema.parse(nodeIds.next());
  const folder = join(root, id);
  await mkdir(join(folder, 'segments'), { recursive: true });
  const records: JournalRecord[] = [startOf(id)];
  let durationMs = 0;
  for (let n = 0; n < tracks; n += 1) {
    const name = `Person ${n + 1}`;
    const stem = `person-${n + 1}-camera`;
    const { writer, head, round } = beginFile(name);
    const written = await fill(join(folder, 'segments', `${stem}-0.mkv`), writer, head, round, sizeBytes / tracks);
    durationMs = written.durationMs;
    records.push(...recordsOf(name, stem, written));
  }
  // As they were written: the seconds of all tracks one after the other.
  const facts = records.filter((record) => record.kind !== 'durable');
  const seconds = records.filter((record) => record.kind === 'durable').sort((a, b) => a.atMs - b.atMs);
  await writeFile(join(folder, 'journal.jsonl'), Buffer.concat([...facts, ...seconds].map(journalLine)));
  return { id, folder, durationMs };
}

export type BigTake = { id: RecordingId; folder: string; durationMs: number };

/** Finished recordings of a few seconds, for a folder as it is after half a year. */
export async function makeFinishedTakes(root: string, count: number): Promise<void> {
  const { finished, plan } = writeSegment('matroska', [
    { lane: 'audio', name: 'audio-opus.webm', offsetMs: 0, startMs: 0 },
  ]);
  for (let n = 0; n < count; n += 1) {
    const id = recordingIdSchema.parse(nodeIds.next());
    const folder = join(root, id);
    await mkdir(join(folder, 'segments'), { recursive: true });
    await writeFile(join(folder, 'segments', 'ada-camera-0.mkv'), finished);
    const facts = { durationMs: plan.durationMs, sizeBytes: finished.length };
    const opened = recordsOf('Ada', 'ada-camera', facts);
    const trackId = opened.find((record) => record.kind === 'trackOpened')?.trackId ?? trackIdSchema.parse(id);
    const file = 'segments/ada-camera-0.mkv';
    const records: JournalRecord[] = [
      startOf(id),
      ...opened,
      { kind: 'segmentClosed', trackId, segment: 0, reason: 'stopped' },
      { kind: 'stopping', endedAt: STARTED_AT, elapsedMs: plan.durationMs },
      { kind: 'segmentFinished', trackId, segment: 0, ...facts, audioCodec: 'A_OPUS', videoCodec: null },
      {
        kind: 'deliverable',
        deliverable: {
          id: deliverableIdSchema.parse(nodeIds.next()),
          kind: 'track',
          trackId,
          participantName: 'Ada',
          source: 'camera',
          format: 'mkv',
          file,
          ...facts,
          offsetMs: 0,
          note: null,
        },
        replaces: [],
      },
      { kind: 'thumbnails', files: [] },
      { kind: 'completed' },
    ];
    await writeFile(join(folder, 'journal.jsonl'), Buffer.concat(records.map(journalLine)));
  }
}

function startOf(recordingId: RecordingId): JournalRecord {
  return {
    kind: 'started',
    version: 1,
    recordingId,
    callId: callIdSchema.parse(nodeIds.next()),
    title: 'A long one',
    recordedBy: 'Ada',
    format: 'mkv',
    startedAt: STARTED_AT,
  };
}

/** What the journal says of a track while it is recorded: a record each second. */
function recordsOf(
  participantName: string,
  stem: string,
  { durationMs, sizeBytes }: { durationMs: number; sizeBytes: number },
): JournalRecord[] {
  const trackId = trackIdSchema.parse(nodeIds.next());
  const ofSegment = { trackId, segment: 0 };
  const seconds = Math.max(1, Math.floor(durationMs / 1000));
  return [
    { kind: 'trackOpened', trackId, participantId: null, participantName, source: 'camera', stem },
    { kind: 'segmentOpened', ...ofSegment, lanes: ['audio', 'video'], atMs: 0 },
    {
      kind: 'segmentFile',
      ...ofSegment,
      file: `segments/${stem}-0.mkv`,
      container: 'mkv',
      audioCodec: 'A_OPUS',
      videoCodec: 'V_MPEG4/ISO/AVC',
      offsetMs: 0,
    },
    ...Array.from({ length: seconds }, (_, second) => ({
      kind: 'durable' as const,
      ...ofSegment,
      sizeBytes: Math.floor((sizeBytes * (second + 1)) / seconds),
      durationMs: 1000 * second,
      atMs: 1000 * (second + 1),
    })),
  ];
}

/** The head of a file and the frames that are repeated in it; pictures are padded to the size of a real camera's. */
function beginFile(name: string): { writer: SegmentWriter; head: Uint8Array; round: Round } {
  const writer = createSegmentWriter({
    container: 'matroska',
    writingApp: 'Tallylight test',
    dateMs: Date.parse(STARTED_AT),
  });
  const video = laneOf('video', 'video-h264.mkv');
  const audio = laneOf('audio', 'audio-opus.webm');
  const write = writer.addTracks([...audio.tracks, ...video.tracks].map((track) => ({ ...track, name })));
  if (write.kind !== 'head') throw new Error('A new file did not begin with its head.');
  const lastMs = video.blocks.at(-1)?.timeMs ?? 0;
  const periodMs = Math.ceil((lastMs + 33) / 20) * 20;
  const blocks = [...audio.blocks.filter((block) => block.timeMs < periodMs), ...video.blocks.map(padded)];
  return { writer, head: write.bytes, round: { blocks: blocks.sort((a, b) => a.timeMs - b.timeMs), periodMs } };
}

function laneOf(lane: 'audio' | 'video', file: 'audio-opus.webm' | 'video-h264.mkv') {
  const reader = createLaneReader();
  const items = loadLane(file).chunks.flatMap((chunk) => reader.push(chunk));
  const tracks = items.flatMap((item) => (item.kind === 'header' ? item.header.tracks : []));
  const blocks = items.flatMap((item) => (item.kind === 'block' ? [{ ...item.block, lane }] : []));
  return { tracks: tracks.map((info) => ({ lane, info })), blocks };
}

/** ITU-T H.264, 7.3.2.7: filler data may follow a picture and says nothing. */
function padded(block: TimedBlock): TimedBlock {
  const fillerBytes = FRAME_BYTES - block.payload.length - 4;
  if (fillerBytes < 8) return block;
  const filler = Buffer.alloc(4 + fillerBytes, 0xff);
  filler.writeUInt32BE(fillerBytes, 0);
  filler[4] = 12;
  filler[filler.length - 1] = 0x80;
  return { ...block, payload: Buffer.concat([block.payload, filler]) };
}

async function fill(
  path: string,
  writer: SegmentWriter,
  head: Uint8Array,
  { blocks, periodMs }: Round,
  sizeBytes: number,
): Promise<{ durationMs: number; sizeBytes: number }> {
  const out = createWriteStream(path, { highWaterMark: 8 * 1024 * 1024 });
  out.write(head);
  let round = 0;
  for (; writer.sizeBytes() < sizeBytes; round += 1) {
    for (let fromMs = 0; fromMs < periodMs; fromMs += CLUSTER_MS) {
      const part = blocks.filter((block) => block.timeMs >= fromMs && block.timeMs < fromMs + CLUSTER_MS);
      if (part.length === 0) continue;
      const moved = part.map((block) => ({ ...block, timeMs: block.timeMs + round * periodMs }));
      if (!out.write(writer.appendCluster(moved).bytes)) await once(out, 'drain');
    }
  }
  out.end();
  await once(out, 'close');
  return { durationMs: round * periodMs, sizeBytes: writer.sizeBytes() };
}
