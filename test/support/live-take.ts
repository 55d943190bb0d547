import { crc32 } from 'node:zlib';
import type { Chunk } from '../../contract/recording.ts';
import { nodeScheduler } from '../../main/recording/node-clock.ts';
import type { Recordings } from '../../main/recording/recording-service.ts';
import { CHUNK_MS } from './counted-media.ts';
import type { WriterLane } from './counted-media.ts';
import { ADA, BEN, CALL_ID } from './recorder-harness.ts';

/** What the recorders of a take were told. */
export type TakeReport = { acknowledged: number; refused: string[]; ackMsMax: number; durationMs: number };

/** A recording in real time, beside whatever else its process does. */
export type LiveTake = { stop: () => Promise<TakeReport> };

const PEOPLE = [
  { participantId: null, participantName: '', source: 'mix' as const },
  { participantId: ADA, participantName: 'Ada', source: 'camera' as const },
  { participantId: BEN, participantName: 'Ben', source: 'camera' as const },
];

/** Starts to record two people and a mix; every chunk comes when a real recorder would give it. */
export async function startLiveTake(recordings: Recordings, lanes: readonly WriterLane[]): Promise<LiveTake> {
  const { id: recordingId } = await recordings.start({
    callId: CALL_ID,
    title: 'Meanwhile',
    recordedBy: 'Ada',
    format: 'mkv',
  });
  const elapsedMs = (): number => recordings.callRecording()?.elapsedMs ?? 0;
  const report: TakeReport = { acknowledged: 0, refused: [], ackMsMax: 0, durationMs: 0 };
  const waiting = new Set<Promise<void>>();
  let stopped = false;
  const acknowledged = async (chunk: Chunk): Promise<void> => {
    const sinceMs = performance.now();
    try {
      await recordings.append(chunk);
      report.acknowledged += 1;
      report.ackMsMax = Math.max(report.ackMsMax, performance.now() - sinceMs);
    } catch (error) {
      report.refused.push(String(error));
    }
  };
  const closers: (() => Promise<void>)[] = [];
  for (const person of PEOPLE) {
    const own = lanes.filter(({ participantName }) => participantName === person.participantName);
    const { trackId } = await recordings.openTrack({ recordingId, ...person });
    const startMs = elapsedMs();
    const names = own.map(({ lane }) => lane);
    const { segment } = await recordings.openSegment({ recordingId, trackId, lanes: names, atMs: startMs });
    closers.push(() => recordings.closeSegment({ recordingId, trackId, segment, reason: 'stopped' }));
    for (const { lane, chunk } of own) {
      let seq = 0;
      const next = (): void => {
        const bytes = stopped ? null : chunk(seq);
        if (bytes === null) return;
        const copy = new Uint8Array(bytes);
        const about = { recordingId, trackId, segment, lane, seq, crc32: crc32(copy), atMs: elapsedMs() };
        const begunAtMs = startMs + (lane === 'audio' ? 60 : 5);
        seq += 1;
        const acked = acknowledged({ ...about, begunAtMs, bytes: copy });
        waiting.add(acked);
        void acked.finally(() => waiting.delete(acked));
        wait();
      };
      const wait = (): void => {
        const dueMs = startMs + CHUNK_MS * (seq + 1) + 50;
        nodeScheduler.after(Math.max(0, dueMs - elapsedMs()), next);
      };
      wait();
    }
  }
  return {
    stop: async () => {
      report.durationMs = elapsedMs();
      stopped = true;
      await recordings.stop({ recordingId });
      await Promise.all(waiting);
      await Promise.all(closers.map((close) => close()));
      const { status } = await recordings.settled({ recordingId });
      if (status !== 'completed') report.refused.push(`the recording is ${status}`);
      return report;
    },
  };
}
