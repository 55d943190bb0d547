import { AppError } from '../../contract/errors.ts';
import type { Chunk, Lane } from '../../contract/recording.ts';
import type { Drained } from '../media/matroska/interleaver.ts';
import { MatroskaError } from '../media/matroska/matroska-error.ts';
import { createAckBook } from './ack-book.ts';
import type { Ack } from './ack-book.ts';
import { checkChunk } from './chunk-order.ts';
import { diskError } from './disk-error.ts';
import type { IntakePart } from './lane-intake.ts';
import { CONTAINER_WAIT_MS, MAX_LANE_WAITING_BYTES } from './limits.ts';
import type { Scheduler } from './ports.ts';
import { createSegmentFile } from './segment-file.ts';
import type { SegmentFileOptions } from './segment-file.ts';
import type { FinishedSegment } from './segment-finish.ts';
import { createSegmentLanes } from './segment-lanes.ts';

export type { SegmentFileFacts } from './segment-file.ts';

/** How far one lane is. Times are on the recording's clock. */
export type LaneFacts = { lane: Lane; lastDurableMs: number | null };

/** One open segment: chunks go in, a playable file grows. */
export type SegmentSink = {
  append: (chunk: Chunk) => Promise<{ seq: number }>;
  /** Whether a lane is expected to give anything: one that is not holds up nobody. */
  expect: (lane: Lane, expecting: boolean) => void;
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

export type SegmentSinkOptions = SegmentFileOptions & {
  scheduler: Scheduler;
  segmentAtMs: number;
  lanes: readonly Lane[];
  /** Name of the track in the file's header. */
  participantName: string;
  /** The track in a sentence: "the mix", "Ben's camera". */
  spokenName: string;
  /** Writing failed: nothing more will be taken. */
  onFailed: (error: AppError) => void;
  /** This segment cannot go on, though the disk is well; the next one must be of this container. */
  onEnded: (error: AppError, nextContainer: 'webm' | 'mkv') => void;
};

/** Opens a segment; its file is made when its first media comes. */
export function createSegmentSink(options: SegmentSinkOptions): SegmentSink {
  const { clockMs } = options;
  const lanes = createSegmentLanes(options.lanes, options.segmentAtMs);
  const acks = createAckBook();
  let zeroMs = 0;
  let ended: AppError | null = null;
  let undoTimer: (() => void) | null = null;

  const end = (error: AppError): AppError => {
    ended ??= error;
    undoTimer?.();
    undoTimer = null;
    return ended;
  };

  const file = createSegmentFile(options, (cause) => {
    const error = diskError(cause, `${options.spokenName} cannot be written`);
    end(error);
    acks.rejectAll(error);
    options.onFailed(error);
  });

  /** Puts the lanes that have begun into the file, which is made for the first of them. */
  const admitLanes = (): void => {
    const tracks = lanes.ready().map((track) => ({ ...track, name: options.participantName }));
    if (tracks.length === 0) return;
    if (file.isOpen()) file.addTracks(tracks);
    else {
      zeroMs = lanes.earliestStartMs();
      file.open(tracks, zeroMs);
    }
    lanes.admit(zeroMs, clockMs());
  };

  const write = ({ blocks, completeTokens }: Drained<Ack | null>): void => {
    if (blocks.length > 0) file.append(blocks);
    if (completeTokens.length === 0) return;
    file.whenWritten(() => {
      for (const ack of completeTokens) ack?.resolve();
    });
  };

  /** Writes what may be written now and sets the timer for what may be written later. */
  const advance = (): void => {
    undoTimer?.();
    undoTimer = null;
    if (ended !== null) return;
    const nowMs = clockMs();
    if (!file.isOpen()) {
      const firstMediaAtMs = lanes.firstMediaAtMs();
      if (firstMediaAtMs === null) return;
      const waitMs = CONTAINER_WAIT_MS - (nowMs - firstMediaAtMs);
      if (!lanes.allBegun() && waitMs > 0) {
        undoTimer = options.scheduler.after(waitMs, advanceLater);
        return;
      }
      admitLanes();
    }
    write(lanes.drain(nowMs));
    const nextMs = lanes.nextDrainAtMs();
    if (nextMs !== null) undoTimer = options.scheduler.after(Math.max(1, nextMs - nowMs), advanceLater);
  };

  const advanceLater = (): void => {
    try {
      advance();
    } catch (cause) {
      endSegment(cause);
    }
  };

  const takePart = (lane: Lane, part: IntakePart): void => {
    if (part.chunk.blocks.length === 0 && part.chunk.openFrames === 0) {
      // A header, or the first byte of the next frame's: nothing in it that the disk could lose, and a lane that
      // never gets a frame must not keep its sender waiting.
      part.chunk.token?.resolve();
      return;
    }
    lanes.place(lane, part, clockMs());
    // A lane that begins when the file is there already joins it at once.
    if (file.isOpen()) admitLanes();
  };

  const endSegment = (cause: unknown): AppError => {
    const isForeign = cause instanceof MatroskaError && cause.code === 'unsupported-track';
    const error = segmentError(cause, isForeign);
    flushHeld();
    end(error);
    options.onEnded(error, isForeign ? 'mkv' : options.wanted);
    return error;
  };

  /** Writes all that is there, waited for or not. What cannot be written is told to its senders when the sink ends. */
  const flushHeld = (): void => {
    try {
      if (!file.isOpen() && lanes.firstMediaAtMs() !== null) admitLanes();
      const flushed = lanes.flush();
      write(flushed);
      file.whenWritten(() => {
        // Half a frame is nothing that could be shown; its bytes were not written, so they are not acknowledged.
        const error = new AppError('SEGMENT_CLOSED', 'The segment ended inside a frame.');
        for (const ack of flushed.cutOffTokens) ack?.reject(error);
      });
    } catch {
      // The sink is ending already: what is in the file is finished all the same.
    }
  };

  /** Takes nothing more; resolves when everything taken has its answer. */
  const close = async (): Promise<void> => {
    const reason = end(new AppError('SEGMENT_CLOSED', 'This segment has been closed.'));
    await file.idle();
    acks.rejectAll(reason);
  };

  return {
    append: async (chunk) => {
      if (!lanes.has(chunk.lane)) {
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
        const { parts, trouble } = lanes.read(chunk, ack);
        for (const part of parts) takePart(chunk.lane, part);
        // What came before the trouble is written, but nobody is told that this chunk was.
        if (trouble !== null) throw trouble;
        advance();
      } catch (cause) {
        ack.reject(endSegment(cause));
      }
      return answer;
    },
    expect: (lane, expecting) => {
      lanes.expect(lane, expecting);
      advanceLater();
    },
    sync: () => file.sync(),
    durable: () => file.durable(),
    lanes: () => options.lanes.map((lane) => ({ lane, lastDurableMs: file.lastDurableMs(lane) })),
    acked: () => new Map(options.lanes.map((lane) => [lane, acks.lastAckedSeq(lane)])),
    finish: async () => {
      if (ended === null) flushHeld();
      await close();
      return file.finish();
    },
    abandon: async () => {
      await close();
      await file.abandon();
    },
  };
}

/** What ended a segment though the disk is well, as a typed error. */
function segmentError(cause: unknown, isForeign: boolean): AppError {
  if (cause instanceof AppError) return cause;
  if (isForeign) {
    return new AppError('SEGMENT_CLOSED', 'WebM cannot hold this picture: the track goes on in a Matroska file.', {
      cause,
    });
  }
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new AppError('MEDIA_UNREADABLE', `The recorder's bytes cannot be used${why}.`, { cause });
}
