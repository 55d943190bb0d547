import { AppError } from '../../contract/errors.ts';
import type { Lane } from '../../contract/recording.ts';
import { containerFor } from '../media/matroska/container-choice.ts';
import type { TimedBlock } from '../media/matroska/interleaver.ts';
import { createSegmentWriter } from '../media/matroska/segment-writer.ts';
import type { NewTrack, SegmentWriter } from '../media/matroska/segment-writer.ts';
import type { TrackInfo } from '../media/matroska/track-entry.ts';
import type { Files } from './ports.ts';
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

export type SegmentFileOptions = {
  files: Files;
  /** The recording's clock. */
  clockMs: () => number;
  wanted: 'webm' | 'mkv';
  writingApp: string;
  /** The wall clock when the recording was started: with it the file says by itself where it belongs. */
  startedWallMs: number;
  /** Absolute and relative path of the file, once its container is known. */
  place: (container: 'webm' | 'mkv') => { absolute: string; relative: string; folder: string };
  /** The file exists and its head is written; resolves when the journal says so. */
  onFile: (facts: SegmentFileFacts) => Promise<void>;
  /** Bytes were appended to the file (patches of its head are not told). */
  onAppended: ((bytes: Uint8Array) => void) | null;
};

/** The file of one segment: what is written to it, in order, and what of that is durable. */
export type SegmentFile = {
  isOpen: () => boolean;
  /** Makes the file, of the wanted container if that can hold these tracks; `zeroMs` on the recording's clock is its time 0. */
  open: (tracks: readonly NewTrack[], zeroMs: number) => void;
  /** Puts tracks into the open file; one that its container cannot hold is an error and changes nothing. */
  addTracks: (tracks: readonly NewTrack[]) => void;
  /** Appends blocks of tracks that are in the file. */
  append: (blocks: readonly TimedBlock[]) => void;
  /** Runs when all that was asked for before is in the file; never once a write has failed. */
  whenWritten: (run: () => void) => void;
  /** Resolves when nothing more is on its way to the file. */
  idle: () => Promise<void>;
  /** Makes what was written durable; true when there was something new. */
  sync: () => Promise<boolean>;
  durable: () => { sizeBytes: number; durationMs: number };
  /** When frames of a lane became durable last, on the recording's clock. */
  lastDurableMs: (lane: Lane) => number | null;
  /** Finishes the file in place and closes it; null when it must be finished by a scan. */
  finish: () => Promise<FinishedSegment | null>;
  /** Closes the file as it is. */
  abandon: () => Promise<void>;
};

const matroskaName = { webm: 'webm', mkv: 'matroska' } as const;

type LaneTally = { writtenBlocks: number; durableBlocks: number; lastDurableMs: number | null };

/** Prepares the file of a segment; nothing is on the disk before `open`. `onFailed` is told of the first failed write. */
export function createSegmentFile(options: SegmentFileOptions, onFailed: (cause: unknown) => void): SegmentFile {
  const queue = createWriteQueue(onFailed);
  const tallies = new Map<string, LaneTally>();
  const infos: TrackInfo[] = [];
  let writer: SegmentWriter | null = null;
  let container: 'webm' | 'mkv' = options.wanted;
  let writtenBytes = 0;
  let writtenMs = 0;
  let durable = { sizeBytes: 0, durationMs: 0 };
  let folderSynced = false;
  let closed = false;
  let syncing: Promise<boolean> = Promise.resolve(false);

  const opened = (): SegmentWriter => {
    if (writer === null) throw new AppError('INTERNAL', 'A segment was written before its file was made.');
    return writer;
  };

  const tallyOf = (lane: string): LaneTally => {
    const known = tallies.get(lane);
    if (known !== undefined) return known;
    const tally = { writtenBlocks: 0, durableBlocks: 0, lastDurableMs: null };
    tallies.set(lane, tally);
    return tally;
  };

  const open: SegmentFile['open'] = (tracks, zeroMs) => {
    const codecIds = tracks.map(({ info }) => info.codecId);
    container = containerFor(codecIds, matroskaName[options.wanted]).container === 'webm' ? 'webm' : 'mkv';
    const made = createSegmentWriter({
      container: matroskaName[container],
      writingApp: options.writingApp,
      dateMs: options.startedWallMs + zeroMs,
    });
    const write = made.addTracks(tracks);
    if (write.kind !== 'head') throw new AppError('INTERNAL', 'A new file did not begin with its head.');
    const place = options.place(container);
    infos.push(...tracks.map(({ info }) => info));
    const facts = { path: place.relative, container, ...codecsOf(infos), offsetMs: zeroMs };
    writer = made;
    queue.push({
      run: async () => {
        const file = await options.files.create(place.absolute);
        try {
          await file.write(write.bytes, 0);
          writtenBytes = write.bytes.byteLength;
          await options.onFile(facts);
        } catch (error) {
          await file.close();
          throw error;
        }
        options.onAppended?.(write.bytes);
        return file;
      },
    });
  };

  const addTracks: SegmentFile['addTracks'] = (tracks) => {
    const write = opened().addTracks(tracks);
    infos.push(...tracks.map(({ info }) => info));
    if (write.kind !== 'patch') throw new AppError('INTERNAL', 'A later track would begin the file anew.');
    const { patch } = write;
    queue.push({
      run: async (file) => {
        await file?.write(patch.bytes, patch.offset);
        return file;
      },
    });
  };

  const append: SegmentFile['append'] = (blocks) => {
    const { bytes, offset } = opened().appendCluster(blocks);
    const endMs = blocks.reduce((latest, block) => Math.max(latest, block.timeMs), 0);
    queue.push({
      run: async (file) => {
        if (file === null) throw new AppError('INTERNAL', 'A segment was written before its file was made.');
        await file.write(bytes, offset);
        writtenBytes = offset + bytes.byteLength;
        writtenMs = Math.max(writtenMs, endMs);
        for (const { lane } of blocks) tallyOf(lane).writtenBlocks += 1;
        options.onAppended?.(bytes);
        return file;
      },
    });
  };

  const syncFile = async (): Promise<boolean> => {
    const file = queue.file();
    if (file === null || closed || writtenBytes === durable.sizeBytes) return false;
    const covered = { sizeBytes: writtenBytes, durationMs: writtenMs };
    const coveredBlocks = [...tallies.values()].map((tally) => ({ tally, blocks: tally.writtenBlocks }));
    await file.sync();
    if (!folderSynced) {
      await options.files.syncFolder(options.place(container).folder);
      folderSynced = true;
    }
    durable = covered;
    for (const { tally, blocks } of coveredBlocks) {
      if (blocks > tally.durableBlocks) tally.lastDurableMs = options.clockMs();
      tally.durableBlocks = blocks;
    }
    return true;
  };

  /** Nothing is written and nothing is synced any more when it resolves. */
  const settle = async (): Promise<void> => {
    await queue.idle();
    closed = true;
    await syncing.catch(() => false);
  };

  return {
    isOpen: () => writer !== null,
    open,
    addTracks,
    append,
    whenWritten: (run) =>
      queue.push({
        run: async (file) => {
          run();
          return file;
        },
      }),
    idle: () => queue.idle(),
    sync: () => {
      syncing = syncing.then(syncFile, syncFile);
      return syncing;
    },
    durable: () => durable,
    lastDurableMs: (lane) => tallies.get(lane)?.lastDurableMs ?? null,
    finish: async () => {
      await settle();
      if (writer === null) return { kind: 'unusable' };
      const file = queue.file();
      if (file === null) return null;
      try {
        const plan = writer.finish();
        // After a failed write the writer is ahead of the file: only a scan knows what is really there.
        if (plan.truncateTo !== writtenBytes) return null;
        const sizeBytes = await applyFinishPlan(file, plan);
        if (plan.durationMs <= 0) return null;
        return { kind: 'finished', durationMs: plan.durationMs, sizeBytes, ...codecsOf(infos), damage: null };
      } finally {
        await file.close();
      }
    },
    abandon: async () => {
      await settle();
      await queue.file()?.close();
    },
  };
}
