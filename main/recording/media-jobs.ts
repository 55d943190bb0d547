import { AppError } from '../../contract/errors.ts';
import { exportMp4, fitsMp4, mp4Expectation } from '../media/export-mp4.ts';
import type { Ffmpeg } from '../media/ffmpeg.ts';
import { joinSegments } from '../media/join-segments.ts';
import { createLiveMp4 } from '../media/live-mp4.ts';
import type { LiveMp4, LiveMp4Config } from '../media/live-mp4.ts';
import { MediaError } from '../media/media-error.ts';
import type { MediaFiles } from '../media/media-files.ts';
import { probeMedia } from '../media/probe.ts';
import type { MediaProbe } from '../media/probe.ts';
import { publishResult, sweepPartials, temporaryPathFor } from '../media/publish.ts';
import { systemProcesses } from '../media/system-processes.ts';
import { makeThumbnails } from '../media/thumbnails.ts';
import { basename, dirname } from 'node:path';
import type { LiveMix, LiveMixOptions, MadeFile, MediaJobs } from './ports.ts';
import { twice } from './second-try.ts';

export type MediaJobsOptions = {
  /** Finds FFmpeg; rejects with FFMPEG_MISSING. Asked for each job, so that a new setting counts at once. */
  ffmpeg: () => Promise<Ffmpeg>;
  files: MediaFiles;
  /** Pause before the second try of what failed. */
  retryAfterMs?: number;
  /** Limits of the MP4 that grows beside a recording. */
  liveMix?: Pick<LiveMp4Config, 'fedStallMs' | 'closeStallMs' | 'closeTimeoutMs'>;
};

const DEFAULT_RETRY_AFTER_MS = 1_000;

// Bytes kept while FFmpeg is being looked for: a few seconds of the mix.
const MAX_EARLY_BYTES = 32 * 1024 * 1024;

// The names that the probe gives to Matroska's codec ids.
const probeNames: Record<string, string> = {
  'V_MPEG4/ISO/AVC': 'avc',
  'V_MPEGH/ISO/HEVC': 'hevc',
  V_VP8: 'vp8',
  V_VP9: 'vp9',
  V_AV1: 'av1',
};

/** The work of main/media behind the recorder's port. */
export function createMediaJobs({ ffmpeg, files, liveMix, retryAfterMs }: MediaJobsOptions): MediaJobs {
  /** A job of FFmpeg that writes to a folder: on a machine that is overloaded for a moment the second try does it. */
  const job = <T>(signal: AbortSignal, folder: string, work: () => Promise<T>): Promise<T> =>
    twice(() => typed(work).catch((error: unknown) => nameFullDisk(error, folder, files)), {
      signal,
      pauseMs: retryAfterMs ?? DEFAULT_RETRY_AFTER_MS,
    });

  return {
    probe: (path) =>
      typed(async () => {
        const probe = await probeMedia(path);
        return {
          durationMs: probe.durationMs,
          hasVideo: probe.tracks.some((track) => track.kind === 'video'),
          hasAudio: probe.tracks.some((track) => track.kind === 'audio'),
          sizeBytes: probe.sizeBytes,
        };
      }),
    fitsMp4: (videoCodec) => videoCodec === null || fitsMp4(probeNames[videoCodec] ?? null),
    startLiveMix: (options) => startLiveMix(ffmpeg, files, { ...liveMix, ...options }),
    exportMp4: (sources, outputPath, options) =>
      job(options.signal, dirname(outputPath), async () => {
        const made = await exportMp4({ ffmpeg: await ffmpeg(), files, sources, outputPath, ...options });
        return madeFile(made.probe, made.offsetMs);
      }),
    join: (sources, container, outputPath, options) =>
      job(options.signal, dirname(outputPath), async () => {
        const made = await joinSegments({
          ffmpeg: await ffmpeg(),
          files,
          sources,
          container: container === 'mkv' ? 'matroska' : 'webm',
          outputPath,
          ...options,
        });
        return madeFile(made.probe, made.offsetMs);
      }),
    thumbnails: (sourcePath, directory, options) =>
      job(options.signal, directory, async () => {
        const made = await makeThumbnails({ ffmpeg: await ffmpeg(), files, sourcePath, directory, ...options });
        return made.kind === 'noPicture' ? [] : made.thumbnails.map((thumbnail) => basename(thumbnail.path));
      }),
    endOrphans: async (identities) => {
      const ended = await Promise.all(identities.map((identity) => systemProcesses.endTree(identity)));
      return {
        ended: ended.filter(({ found, gone }) => found && gone).length,
        alive: ended.filter(({ gone }) => !gone).length,
      };
    },
    sweepPartials: (folder) => sweepPartials(folder, files),
  };
}

function madeFile(probe: MediaProbe, offsetMs: number): MadeFile {
  return { durationMs: probe.durationMs ?? 0, sizeBytes: probe.sizeBytes, offsetMs };
}

/** Errors of main/media as the contract names them. */
async function typed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw appError(error);
  }
}

function appError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof MediaError)) {
    return new AppError('INTERNAL', 'Something went wrong while making a result.', { cause: error });
  }
  if (isDiskFull(error)) return noRoom(error);
  return new AppError(error.code === 'FFMPEG_ABORTED' ? 'ABORTED' : error.code, error.message.slice(0, 2000), {
    retryable: error.retryable,
    details: { ...error.details },
    cause: error,
  });
}

function noRoom(cause: unknown): AppError {
  return new AppError('DISK_FULL', 'The disk is full: there is no room for this result.', { retryable: true, cause });
}

/** With less than this there is no room for a single picture. */
const NO_ROOM_BYTES = 256 * 1024;

/**
 * A full disk makes programs fail in ways of their own: FFmpeg 5.1 ends well with an empty picture, other results are cut off. What
 * fails where no room is left failed for that.
 */
async function nameFullDisk(failure: unknown, folder: string, files: MediaFiles): Promise<never> {
  const isOther = failure instanceof AppError && (failure.code === 'ABORTED' || failure.code === 'FFMPEG_MISSING');
  if (isOther) throw failure;
  const freeBytes = await files.freeBytes(folder).catch(() => Number.POSITIVE_INFINITY);
  throw freeBytes < NO_ROOM_BYTES ? noRoom(failure) : failure;
}

/** FFmpeg says it in the words of the C library, which are English on every platform. */
function isDiskFull({ code, details, cause }: MediaError): boolean {
  if (code === 'FFMPEG_FAILED') return String(details['stderrTail'] ?? '').includes('No space left on device');
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
}

function startLiveMix(
  ffmpeg: () => Promise<Ffmpeg>,
  files: MediaFiles,
  { outputPath, onAbandoned, ...more }: LiveMixOptions & NonNullable<MediaJobsOptions['liveMix']>,
): LiveMix {
  let early: Uint8Array[] | null = [];
  let earlyBytes = 0;
  let live: LiveMp4 | null = null;
  let givenUp = false;

  const giveUp = (error: AppError): void => {
    if (givenUp) return;
    givenUp = true;
    early = null;
    onAbandoned(error);
  };

  const started = (async (): Promise<void> => {
    try {
      const found = await ffmpeg();
      if (givenUp) return;
      live = createLiveMp4({
        ffmpeg: found,
        files,
        ...more,
        outputTempPath: temporaryPathFor(outputPath),
        onAbandoned: (error) => giveUp(appError(error)),
      });
      for (const bytes of early ?? []) live.write(bytes);
      early = null;
    } catch (error) {
      giveUp(appError(error));
    }
  })();

  return {
    write: (bytes) => {
      if (givenUp) return;
      if (live !== null) {
        live.write(bytes);
        return;
      }
      earlyBytes += bytes.byteLength;
      if (earlyBytes > MAX_EARLY_BYTES)
        giveUp(new AppError('FFMPEG_STALLED', 'FFmpeg took too long to start.', { retryable: true }));
      else early?.push(bytes);
    },
    finish: async ({ kinds, durationMs, signal }) => {
      await started;
      if (givenUp || live === null) return null;
      const result = await live.finish({ signal });
      if (result.kind === 'abandoned') return null;
      try {
        const probe = await publishResult(result.tempPath, outputPath, mp4Expectation(kinds, durationMs), files);
        return { durationMs: probe.durationMs ?? 0, sizeBytes: probe.sizeBytes };
      } catch (error) {
        // A result that is not as it should be is made again from the segment, which is there.
        if (error instanceof MediaError) return null;
        throw error;
      }
    },
    abort: async () => {
      givenUp = true;
      early = null;
      await started;
      await live?.abort();
    },
  };
}
