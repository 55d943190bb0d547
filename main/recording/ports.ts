import type { AppError } from '../../contract/errors.ts';
import type { ProcessIdentity } from '../media/processes.ts';
import type { Fingerprint } from './journal-records.ts';

/** Time as a port: the recording's clock is monotonic, the wall is for people. */
export type Clock = {
  /** Milliseconds of a clock that never jumps. */
  monotonicMs: () => number;
  /** Milliseconds since 1970. */
  wallMs: () => number;
};

/** Randomness as a port: makes ids in the grammar of contract/ids.ts. */
export type Ids = { next: () => string };

/** Timers as a port; each returns its own undo. */
export type Scheduler = {
  every: (intervalMs: number, run: () => void) => () => void;
  after: (delayMs: number, run: () => void) => () => void;
};

/** One open file. Writes name their position, so that a failed write can be done again over its own rest. */
export type OpenFile = {
  /** Returns when all bytes were handed to the system. */
  write: (bytes: Uint8Array, positionBytes: number) => Promise<void>;
  /** Returns up to `lengthBytes` bytes; fewer only at the end of the file. */
  read: (positionBytes: number, lengthBytes: number) => Promise<Uint8Array>;
  sizeBytes: () => Promise<number>;
  truncate: (sizeBytes: number) => Promise<void>;
  /** fdatasync: returns when the written bytes are on the disk. */
  sync: () => Promise<void>;
  close: () => Promise<void>;
};

export type FolderEntry = { name: string; kind: 'file' | 'folder' | 'link' | 'other' };

/** The disk as a port, so that tests can fail the n-th operation; errors carry Node's `code` (ENOSPC, EACCES, ...). */
export type Files = {
  makeFolder: (path: string) => Promise<void>;
  /** Makes a file that must not exist yet. */
  create: (path: string) => Promise<OpenFile>;
  /** Opens an existing file for reading and writing. */
  open: (path: string) => Promise<OpenFile>;
  /** Null when nothing is there. Never follows a link. */
  kind: (path: string) => Promise<FolderEntry['kind'] | null>;
  /** Null when there is no such file. */
  sizeBytes: (path: string) => Promise<number | null>;
  /** The entries of a folder without following links; empty when there is no such folder. */
  list: (path: string) => Promise<FolderEntry[]>;
  rename: (from: string, to: string) => Promise<void>;
  /** Removes one file or link; a missing one is no error. */
  unlink: (path: string) => Promise<void>;
  /** Removes an empty folder; a missing one is no error. */
  removeFolder: (path: string) => Promise<void>;
  /** Bytes that may still be written where this path lies. */
  freeBytes: (path: string) => Promise<number>;
  /** When a file was last written, milliseconds since 1970; null when there is no such file. */
  modifiedWallMs: (path: string) => Promise<number | null>;
  /** What a file is apart from its content; null when there is no such file. Never follows a link. */
  fingerprint: (path: string) => Promise<Fingerprint | null>;
  /** Makes names created or renamed in this folder durable. */
  syncFolder: (path: string) => Promise<void>;
};

/** The `code` of a failed file operation, for example ENOSPC; null when it has none. */
export function fileErrorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** A file that was made, probed and given its final name. `offsetMs` is its time 0 on the recording's clock. */
export type MadeFile = { durationMs: number; sizeBytes: number; offsetMs: number };

/** A segment file and the recording's clock at its time 0. */
export type SourceFile = { path: string; offsetMs: number };

/** Told of each program soon after its start, so that the journal can name it to the next run of the app. */
type OnProcess = ((identity: ProcessIdentity) => void) | undefined;

export type JobOptions = { signal: AbortSignal; onProgress: (fraction: number) => void; onProcess?: OnProcess };

export type LiveMixOptions = {
  outputPath: string;
  /** Called once when it is given up while recording; it is made from the segment at the end. */
  onAbandoned: (error: AppError) => void;
  onProcess?: OnProcess;
};

/** An MP4 of the mix that grows beside the recording from the same bytes. */
export type LiveMix = {
  /** Takes the next bytes of the mix's file; neither waits nor throws. */
  write: (bytes: Uint8Array) => void;
  /** Closes it, probes it and gives it its final name; null when it was given up (then it is made from the segment). */
  finish: (expected: { kinds: readonly ('video' | 'audio')[]; durationMs: number; signal: AbortSignal }) => Promise<{
    durationMs: number;
    sizeBytes: number;
  } | null>;
  /** Gives it up and removes what there is. */
  abort: () => Promise<void>;
};

/** What a probe says of a file, as far as the recorder needs it. */
export type ProbeFacts = { durationMs: number | null; hasVideo: boolean; hasAudio: boolean; sizeBytes: number };

/** What main/media does for recordings. Failures are AppErrors; results that exist were probed. */
export type MediaJobs = {
  probe: (path: string) => Promise<ProbeFacts>;
  /** Whether an MP4 can hold this picture (a Matroska codec id) without encoding it again; true for none. */
  fitsMp4: (videoCodec: string | null) => boolean;
  startLiveMix: (options: LiveMixOptions) => LiveMix;
  exportMp4: (sources: readonly SourceFile[], outputPath: string, options: JobOptions) => Promise<MadeFile>;
  join: (
    sources: readonly SourceFile[],
    container: 'webm' | 'mkv',
    outputPath: string,
    options: JobOptions,
  ) => Promise<MadeFile>;
  /** File names of the pictures in the folder; empty when the source has no picture. */
  thumbnails: (sourcePath: string, folder: string, options: JobOptions) => Promise<readonly string[]>;
  /**
   * Ends programs of an earlier run, each only if it is still the same one, and waits until they are gone (about five seconds
   * at most); never rejects.
   */
  endOrphans: (identities: readonly ProcessIdentity[]) => Promise<{ ended: number; alive: number }>;
  /** Removes what earlier runs left unfinished in a folder of results; returns how many files went. */
  sweepPartials: (folder: string) => Promise<number>;
};
