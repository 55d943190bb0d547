import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { RecordingId, TrackId } from '../../contract/ids.ts';
import type { Lane, Recording } from '../../contract/recording.ts';
import type { Recordings } from '../../main/recording/recordings.ts';
import { CHUNK_MS, FRAME_MS, type WriterLane } from '../support/counted-media.ts';
import { packetTimesMs } from '../support/media-report.ts';
import { ADA, BEN } from '../support/recorder-harness.ts';

/** Recorders that give out chunks in real time, as a window's do. */
export type Feeding = {
  /** Everything that was refused, in order. */
  refused: () => readonly unknown[];
  /** When something was refused first, on the clock of performance.now(). */
  refusedAtMs: () => number | null;
  /** How many chunks in a row of each lane were acknowledged. */
  acked: () => readonly { participantName: string; lane: Lane; chunks: number }[];
  /** Ends the recorders and closes their segments. */
  end: () => Promise<void>;
};

const PEOPLE = [
  { participantId: null, participantName: '', source: 'mix' as const },
  { participantId: ADA, participantName: 'Ada', source: 'camera' as const },
  { participantId: BEN, participantName: 'Ben', source: 'camera' as const },
];

type Run = { participantName: string; lane: Lane; chunks: number };

/** Opens a mix and two cameras in a running recording and feeds them; a lane that was refused something ends. */
export async function startFeed(
  recordings: Recordings,
  recordingId: RecordingId,
  lanes: readonly WriterLane[],
): Promise<Feeding> {
  const refused: unknown[] = [];
  let refusedAtMs: number | null = null;
  const runs: Run[] = [];
  const segments: { trackId: TrackId; segment: number }[] = [];
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const answers: Promise<void>[] = [];
  let ended = false;
  const elapsedMs = (): number => recordings.callRecording()?.elapsedMs ?? 0;
  const refuse = (error: unknown): void => {
    refused.push(error);
    refusedAtMs ??= performance.now();
  };

  const feed = (at: { trackId: TrackId; segment: number; startMs: number }, own: WriterLane): void => {
    const { trackId, segment, startMs } = at;
    const { lane, participantName, chunk } = own;
    const run: Run = { participantName, lane, chunks: 0 };
    runs.push(run);
    let seq = 0;
    let broken = false;
    const next = (): void => {
      const bytes = chunk(seq);
      if (bytes === null || broken || ended) return;
      const copy = new Uint8Array(bytes);
      const begunAtMs = startMs + (lane === 'audio' ? 60 : 5);
      const about = { recordingId, trackId, segment, lane, seq, crc32: crc32(copy), atMs: elapsedMs(), begunAtMs };
      seq += 1;
      const send = async (): Promise<void> => {
        try {
          const ack = await recordings.append({ ...about, bytes: copy });
          run.chunks = Math.max(run.chunks, ack.seq + 1);
        } catch (error) {
          broken = true;
          refuse(error);
        }
      };
      answers.push(send());
      wait();
    };
    const wait = (): void => {
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          next();
        },
        Math.max(0, startMs + CHUNK_MS * (seq + 1) - elapsedMs()),
      );
      timers.add(timer);
    };
    wait();
  };

  for (const person of PEOPLE) {
    const own = lanes.filter(({ participantName }) => participantName === person.participantName);
    try {
      const { trackId } = await recordings.openTrack({ recordingId, ...person });
      const startMs = elapsedMs();
      const names = own.map(({ lane }) => lane);
      const { segment } = await recordings.openSegment({ recordingId, trackId, lanes: names, atMs: startMs });
      segments.push({ trackId, segment });
      for (const lane of own) feed({ trackId, segment, startMs }, lane);
    } catch (error) {
      refuse(error);
    }
  }

  return {
    refused: () => refused,
    refusedAtMs: () => refusedAtMs,
    acked: () => runs,
    end: async () => {
      ended = true;
      for (const timer of timers) clearTimeout(timer);
      for (const segment of segments) {
        try {
          await recordings.closeSegment({ recordingId, ...segment, reason: 'stopped' });
        } catch (error) {
          refuse(error);
        }
      }
      await Promise.all(answers);
    },
  };
}

/** Names the lanes of which fewer frames can be played than were acknowledged. */
export async function framesMissing(recording: Recording, feed: Feeding): Promise<string[]> {
  const missing: string[] = [];
  for (const { participantName, lane, chunks } of feed.acked()) {
    const file = recording.deliverables.find((each) => each.participantName === participantName);
    for (const type of lane === 'av' ? (['audio', 'video'] as const) : [lane]) {
      // Sound that was encoded again has other packets, and lasts as long.
      const isCopy = type === 'video' || file?.format !== 'mp4';
      const times =
        file === undefined ? [] : await packetTimesMs(join(recording.folder, file.file), type === 'audio' ? 'a' : 'v');
      const savedMs = isCopy ? times.length * FRAME_MS[type] : (times.at(-1) ?? 0) - (times[0] ?? 0) + FRAME_MS[type];
      // The first of a lane's frames may be a frame late.
      if (savedMs < chunks * CHUNK_MS - 2 * FRAME_MS[type]) {
        missing.push(
          `${chunks * CHUNK_MS} ms of the ${type} of "${participantName}" were acknowledged and ${Math.round(savedMs)} can be played`,
        );
      }
    }
  }
  return missing;
}
