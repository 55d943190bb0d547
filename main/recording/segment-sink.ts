import { AppError } from '../../contract/errors.ts';
import type { Chunk, Lane } from '../../contract/recording.ts';
import { containerFor } from '../media/matroska/container-choice.ts';
import { createInterleaver } from '../media/matroska/interleaver.ts';
import type { ParsedChunk, TimedBlock } from '../media/matroska/interleaver.ts';
import { MatroskaError } from '../media/matroska/matroska-error.ts';
import { createSegmentWriter } from '../media/matroska/segment-writer.ts';
import type { SegmentWriter } from '../media/matroska/segment-writer.ts';
import { createAckBook } from './ack-book.ts';
import type { Ack } from './ack-book.ts';
import { checkChunk } from './chunk-order.ts';
import { diskError } from './disk-error.ts';
import { createLaneIntake } from './lane-intake.ts';
import type { LaneIntake } from './lane-intake.ts';
import { CONTAINER_WAIT_MS, MAX_LANE_WAITING_BYTES } from './limits.ts';
import type { Files, Scheduler } from './ports.ts';
import { applyFinishPlan, codecsOf } from './segment-finish.ts';
import type { FinishedSegment } from './segment-finish.ts';
import { createWriteQueue } from './write-queue.ts';

/** What a segment's file is, decided when its first media came. */
export type SegmentFileFacts = {
  path: string;
  container: 'webm' | 'mkv';
  audioCodec: string | null;
  videoCodec: string | null;
  offsetMs: number;
};

/** How far one lane is. Times are on the recording's clock. */
export type LaneFacts = { lane: Lane; lastDurableMs: number | null };

/** One open segment: chunks go in, a playable file grows. */
export type SegmentSink = {
  append: (chunk: Chunk) => Promise<{ seq: number }>;
  /** Makes what was written durable; true when there was something new. */
  sync: () => Promise<boolean>;
  durable: () => { sizeBytes: number; durationMs: number };
  lanes: () => readonly LaneFacts[];
  /** The last sequence number that was acknowledged, by lane; -1 when none was. */
  acked: () => ReadonlyMap<Lane, number>;
  /** Takes no more chunks, writes what is held, and finishes the file in place; null when it must be finished by a scan. */
  finish: () => Promise<FinishedSegment | null>;
  /** Ends the sink and leaves the file as it is. */
  abandon: () => Promise<void>;
};

export type SegmentSinkOptions = {
  files: Files;
  scheduler: Scheduler;
  /** The recording's clock. */
  clockMs: () => number;
  segmentAtMs: number;
  lanes: readonly Lane[];
  wanted: 'webm' | 'mkv';
  /** Name of the track in the file's header. */
  participantName: string;
  /** The track in a sentence: "the mix", "Ben's camera". */
  spokenName: string;
  writingApp: string;
  /** Absolute and relative path of the file, once its container is known. */
  place: (container: 'webm' | 'mkv') => { absolute: string; relative: string; folder: string };
  /** The file exists and its head is written; resolves when the journal says so. */
  onFile: (facts: SegmentFileFacts) => Promise<void>;
  /** Bytes were appended to the file (patches of its head are not told). */
  onAppended: ((bytes: Uint8Array) => void) | null;
  /** Writing failed: nothing more will be taken. */
  onFailed: (error: AppError) => void;
  /** This segment cannot go on, though the disk is well; the next one must be of this container. */
  onEnded: (error: AppError, nextContainer: 'webm' | 'mkv') => void;
};

type LaneState = {
  intake: LaneIntake;
  startMs: number | null;
  /** Parts that wait for the file to be opened. */
  waiting: ParsedChunk<Ack | null>[];
  inFile: boolean;
  writtenBlocks: number;
  durableBlocks: number;
  lastDurableMs: number | null;
};

const matroskaName = { webm: 'webm', mkv: 'matroska' } as const;

/** Opens a segment; its file is made when its first media comes. */
export function createSegmentSink(options: SegmentSinkOptions): SegmentSink {
  const { clockMs } = options;
  const interleaver = createInterleaver<Ack | null>();
  const lanes = new Map<Lane, LaneState>(options.lanes.map((lane) => [lane, newLane(lane, options.segmentAtMs)]));
  const acks = createAckBook();
  let writer: SegmentWriter | null = null;
  let container: 'webm' | 'mkv' = options.wanted;
  let zeroMs = 0;
  let firstMediaAtMs: number | null = null;
  let ended: AppError | null = null;
  let undoTimer: (() => void) | null = null;
  let writtenBytes = 0;
  let writtenMs = 0;
  let durable = { sizeBytes: 0, durationMs: 0 };
  let folderSynced = false;
  let closed = false;
  let syncing: Promise<boolean> = Promise.resolve(false);

  const end = (error: AppError): void => {
    ended ??= error;
    undoTimer?.();
    undoTimer = null;
  };

  const queue = createWriteQueue((cause) => {
    const error = diskError(cause, `${options.spokenName} cannot be written`);
    end(error);
    acks.rejectAll(error);
    options.onFailed(error);
  });

  const acknowledge = (tokens: readonly (Ack | null)[]): void => {
    for (const token of tokens) token?.resolve();
  };

  const queueBlocks = (blocks: readonly TimedBlock[], tokens: readonly (Ack | null)[]): void => {
    if (blocks.length === 0) {
      if (tokens.length > 0) queue.push({ run: async (file) => (acknowledge(tokens), file) });
      return;
    }
    if (writer === null) return;
    const { bytes, offset } = writer.appendCluster(blocks);
    const counts = countByLane(blocks);
    const endMs = blocks.reduce((latest, block) => Math.max(latest, block.timeMs), 0);
    queue.push({
      run: async (file) => {
        if (file === null) throw new AppError('INTERNAL', 'A segment was written before its file was made.');
        await file.write(bytes, offset);
        writtenBytes = offset + bytes.byteLength;
        writtenMs = Math.max(writtenMs, endMs);
        for (const [lane, count] of counts) {
          const state = lanes.get(lane);
          if (state !== undefined) state.writtenBlocks += count;
        }
        options.onAppended?.(bytes);
        acknowledge(tokens);
        return file;
      },
    });
  };

  const openFile = (): void => {
    const ready = [...lanes.entries()].filter(([, state]) => state.startMs !== null);
    const codecIds = ready.flatMap(([, state]) => (state.intake.tracks() ?? []).map((track) => track.codecId));
    container = containerFor(codecIds, matroskaName[options.wanted]).container === 'webm' ? 'webm' : 'mkv';
    const made = createSegmentWriter({ container: matroskaName[container], writingApp: options.writingApp });
    zeroMs = Math.max(0, Math.round(Math.min(...ready.map(([, state]) => state.startMs ?? 0))));
    const { infos, write } = addLanes(made, ready);
    if (write.kind !== 'head') throw new AppError('INTERNAL', 'A new file did not begin with its head.');
    const head = write.bytes;
    const place = options.place(container);
    const facts = { path: place.relative, container, ...codecsOf(infos), offsetMs: zeroMs };
    writer = made;
    queue.push({
      run: async () => {
        const file = await options.files.create(place.absolute);
        try {
          await file.write(head, 0);
          writtenBytes = head.byteLength;
          await options.onFile(facts);
        } catch (error) {
          await file.close();
          throw error;
        }
        options.onAppended?.(head);
        return file;
      },
    });
    for (const [, state] of ready) release(state);
  };

  const addLanes = (target: SegmentWriter, ready: readonly (readonly [Lane, LaneState])[]) => {
    const tracks = ready.flatMap(([lane, state]) =>
      (state.intake.tracks() ?? []).map((info) => ({ lane, info, name: options.participantName })),
    );
    const write = target.addTracks(tracks);
    for (const [, state] of ready) state.inFile = true;
    return { infos: tracks.map((track) => track.info), write };
  };

  /** Gives parts that waited for the file to the interleaver. */
  const release = (state: LaneState): void => {
    const nowMs = clockMs();
    interleaver.setLane(state.intake.lane, Math.max(0, (state.startMs ?? zeroMs) - zeroMs), nowMs);
    for (const part of state.waiting) interleaver.push(state.intake.lane, part, nowMs);
    state.waiting = [];
  };

  const addLateLane = (lane: Lane, state: LaneState): void => {
    if (writer === null) return;
    const { write } = addLanes(writer, [[lane, state]]);
    if (write.kind === 'patch') {
      const { patch } = write;
      queue.push({
        run: async (file) => {
          await file?.write(patch.bytes, patch.offset);
          return file;
        },
      });
    }
    release(state);
  };

  /** Writes what may be written now and sets the timer for what may be written later. */
  const advance = (): void => {
    undoTimer?.();
    undoTimer = null;
    if (ended !== null) return;
    const nowMs = clockMs();
    if (writer === null) {
      if (firstMediaAtMs === null) return;
      const complete = [...lanes.values()].every((state) => state.startMs !== null);
      if (!complete && nowMs - firstMediaAtMs < CONTAINER_WAIT_MS) {
        undoTimer = options.scheduler.after(CONTAINER_WAIT_MS - (nowMs - firstMediaAtMs), advanceLater);
        return;
      }
      openFile();
    }
    const drained = interleaver.drain(nowMs);
    queueBlocks(drained.blocks, drained.completeTokens);
    const nextMs = interleaver.nextDrainAtMs();
    if (nextMs !== null) undoTimer = options.scheduler.after(Math.max(1, nextMs - nowMs), advanceLater);
  };

  const advanceLater = (): void => {
    try {
      advance();
    } catch (cause) {
      endSegment(cause);
    }
  };

  const takeIn = (state: LaneState, chunk: Chunk, ack: Ack): void => {
    for (const part of state.intake.take(chunk, ack)) {
      if (part.chunk.blocks.length === 0 && part.chunk.openFrames === 0) {
        // A header, or the first byte of the next frame's: nothing in it that the disk could lose, and a lane that
        // never gets a frame must not keep its sender waiting.
        part.chunk.token?.resolve();
        continue;
      }
      if (part.startMs !== null) {
        state.startMs = part.startMs;
        firstMediaAtMs ??= clockMs();
        if (state.inFile) interleaver.setLane(chunk.lane, Math.max(0, part.startMs - zeroMs), clockMs());
      }
      if (state.inFile) interleaver.push(chunk.lane, part.chunk, clockMs());
      else {
        state.waiting.push(part.chunk);
        if (writer !== null && state.startMs !== null) addLateLane(chunk.lane, state);
      }
    }
  };

  const endSegment = (cause: unknown): AppError => {
    const isForeign = cause instanceof MatroskaError && cause.code === 'unsupported-track';
    const error =
      cause instanceof AppError
        ? cause
        : new AppError(
            isForeign ? 'SEGMENT_CLOSED' : 'MEDIA_UNREADABLE',
            isForeign
              ? 'WebM cannot hold this picture: the track goes on in a Matroska file.'
              : `The recorder's bytes cannot be used${cause instanceof Error ? `: ${cause.message}` : ''}.`,
            { cause },
          );
    try {
      flushHeld();
    } catch {
      // What cannot be written is told by the error that ended the segment; its senders are told at its close.
    }
    end(error);
    options.onEnded(error, isForeign ? 'mkv' : options.wanted);
    return error;
  };

  const flushHeld = (): void => {
    if (writer === null && firstMediaAtMs !== null) openFile();
    const flushed = interleaver.flush();
    queueBlocks(flushed.blocks, flushed.completeTokens);
    const cut = flushed.cutOffTokens;
    queue.push({
      run: async (file) => {
        // Half a frame is nothing that could be shown; its bytes were not written, so they are not acknowledged.
        for (const ack of cut) ack?.reject(new AppError('SEGMENT_CLOSED', 'The segment ended inside a frame.'));
        return file;
      },
    });
  };

  const syncFile = async (): Promise<boolean> => {
    const file = queue.file();
    if (file === null || closed || writtenBytes === durable.sizeBytes) return false;
    const covered = { sizeBytes: writtenBytes, durationMs: writtenMs };
    const blocks = [...lanes.values()].map((state) => ({ state, writtenBlocks: state.writtenBlocks }));
    await file.sync();
    if (!folderSynced) {
      await options.files.syncFolder(options.place(container).folder);
      folderSynced = true;
    }
    durable = covered;
    for (const { state, writtenBlocks } of blocks) {
      if (writtenBlocks > state.durableBlocks) state.lastDurableMs = clockMs();
      state.durableBlocks = writtenBlocks;
    }
    return true;
  };

  return {
    append: async (chunk) => {
      const state = lanes.get(chunk.lane);
      if (state === undefined) {
        throw new AppError('INVALID_INPUT', `This segment was opened without a lane for ${chunk.lane}.`);
      }
      const before = acks.answerOf(chunk.lane, chunk.seq);
      if (before !== null) return before;
      if (ended !== null) throw ended;
      const expectedSeq = acks.nextSeq(chunk.lane);
      if (checkChunk(chunk, expectedSeq) === 'duplicate') return { seq: chunk.seq };
      if (acks.waitingBytes() + chunk.bytes.byteLength > MAX_LANE_WAITING_BYTES) {
        throw new AppError('RATE_LIMITED', 'The disk does not keep up: wait for the acks that are due.', {
          retryable: true,
          details: { expectedSeq },
        });
      }
      const { ack, answer } = acks.take(chunk.lane, chunk.bytes.byteLength);
      try {
        takeIn(state, chunk, ack);
        advance();
      } catch (cause) {
        const error = endSegment(cause);
        ack.reject(error);
      }
      return answer;
    },
    sync: () => {
      syncing = syncing.then(syncFile, syncFile);
      return syncing;
    },
    durable: () => durable,
    lanes: () => [...lanes.values()].map((state) => ({ lane: state.intake.lane, lastDurableMs: state.lastDurableMs })),
    acked: () => new Map([...lanes.keys()].map((lane) => [lane, acks.lastAckedSeq(lane)])),
    finish: async () => {
      if (ended === null) {
        try {
          flushHeld();
        } catch {
          // Its senders are told below; what is in the file is finished all the same.
        }
        end(new AppError('SEGMENT_CLOSED', 'This segment has been closed.'));
      }
      await queue.idle();
      acks.rejectAll(ended ?? new AppError('SEGMENT_CLOSED', 'This segment has been closed.'));
      closed = true;
      await syncing.catch(() => false);
      const file = queue.file();
      if (file === null || writer === null) return writer === null ? { kind: 'unusable' } : null;
      try {
        const plan = writer.finish();
        // After a failed write the writer is ahead of the file: only a scan knows what is really there.
        if (plan.truncateTo !== writtenBytes) return null;
        const sizeBytes = await applyFinishPlan(file, plan);
        const infos = [...lanes.values()].flatMap((state) => (state.inFile ? (state.intake.tracks() ?? []) : []));
        if (plan.durationMs <= 0) return null;
        return { kind: 'finished', durationMs: plan.durationMs, sizeBytes, ...codecsOf(infos), damage: null };
      } finally {
        await file.close();
      }
    },
    abandon: async () => {
      end(new AppError('SEGMENT_CLOSED', 'This segment has been closed.'));
      await queue.idle();
      acks.rejectAll(ended ?? new AppError('SEGMENT_CLOSED', 'This segment has been closed.'));
      closed = true;
      await syncing.catch(() => false);
      await queue.file()?.close();
    },
  };
}

function newLane(lane: Lane, segmentAtMs: number): LaneState {
  return {
    intake: createLaneIntake(lane, segmentAtMs),
    startMs: null,
    waiting: [],
    inFile: false,
    writtenBlocks: 0,
    durableBlocks: 0,
    lastDurableMs: null,
  };
}

function countByLane(blocks: readonly TimedBlock[]): Map<Lane, number> {
  const counts = new Map<Lane, number>();
  for (const block of blocks) {
    if (block.lane === 'audio' || block.lane === 'video' || block.lane === 'av') {
      counts.set(block.lane, (counts.get(block.lane) ?? 0) + 1);
    }
  }
  return counts;
}
