import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { FilePathSource, Input, MATROSKA, MP4, QTFF, WEBM } from 'mediabunny';
import type { InputTrack } from 'mediabunny';
import type { SourceContainer } from './argv.ts';
import { readJpegInfo } from './jpeg.ts';
import type { JpegInfo } from './jpeg.ts';
import { readMatroskaFront } from './matroska-front.ts';
import type { MatroskaFront } from './matroska-front.ts';
import { MediaError, messageOf } from './media-error.ts';

/** One track inside a media file; `codec` is null when it is one that we have no name for. */
export type ProbedTrack =
  | {
      readonly kind: 'video';
      readonly codec: string | null;
      readonly widthPx: number;
      readonly heightPx: number;
    }
  | { readonly kind: 'audio'; readonly codec: string | null; readonly sampleRateHz: number };

/** What a media file says about itself in its headers. */
export type MediaProbe = {
  readonly container: SourceContainer;
  /** Null when the header holds none, as in a file that was never finished. */
  readonly durationMs: number | null;
  /** Time of the first picture or sound; below zero for the priming of AAC. */
  readonly startMs: number;
  readonly tracks: readonly ProbedTrack[];
  readonly sizeBytes: number;
};

// An index of many hours fits; a file whose headers send the reader further round than this is not one of ours.
const probeWithinMs = 20_000;
// A 640 px JPEG has 30 to 120 kB.
const maxJpegBytes = 8 * 1024 * 1024;

/**
 * Reads tracks and duration of a Matroska, WebM or MP4 file from its headers without scanning it; rejects with
 * RESULT_INVALID when it is not readable as one.
 */
export async function probeMedia(path: string): Promise<MediaProbe> {
  const handle = await openForReading(path);
  let sizeBytes: number;
  let front: MatroskaFront | null;
  try {
    sizeBytes = await fileSizeBytes(handle);
    if (sizeBytes === 0) throw unreadable('The file is empty.', 'empty');
    front = await readMatroskaFront(async (position, length) => {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, position);
      return bytes.subarray(0, bytesRead);
    }, sizeBytes);
  } catch (error) {
    throw asUnreadable(error);
  } finally {
    await handle.close();
  }
  // Only these formats: others that the library knows (playlists) would make it open further files.
  using input = new Input({
    formats: front === null ? [MP4, QTFF] : [MATROSKA, WEBM],
    source: new FilePathSource(path, { handleUnhandledError: () => undefined }),
  });
  try {
    return await withinTime(readHeaders(input, sizeBytes, front));
  } catch (error) {
    throw asUnreadable(error);
  }
}

/** Reads the size of a JPEG file; rejects with RESULT_INVALID when it is none or is cut off. */
export async function probeJpeg(path: string): Promise<JpegInfo & { readonly sizeBytes: number }> {
  const handle = await openForReading(path);
  try {
    const sizeBytes = await fileSizeBytes(handle);
    if (sizeBytes === 0) throw unreadable('The picture is empty.', 'empty');
    if (sizeBytes > maxJpegBytes) throw unreadable('The picture is larger than a thumbnail can be.', 'tooLarge');
    const bytes = new Uint8Array(sizeBytes);
    const { bytesRead } = await handle.read(bytes, 0, sizeBytes, 0);
    const info = readJpegInfo(bytes.subarray(0, bytesRead));
    if (info === null) throw unreadable('The file is not a whole JPEG.', 'unreadable');
    return { ...info, sizeBytes };
  } finally {
    await handle.close();
  }
}

async function readHeaders(input: Input, sizeBytes: number, front: MatroskaFront | null): Promise<MediaProbe> {
  if (!(await input.canRead())) throw unreadable('The file is not Matroska, WebM or MP4.', 'unreadable');
  const tracks = await input.getTracks();
  const durationS = tracks.length === 0 ? null : await input.getDurationFromMetadata();
  // In an MP4 the sample tables are in memory; in Matroska the library would look through the clusters.
  const startMs = front?.startMs ?? (tracks.length === 0 ? 0 : (await input.getFirstTimestamp()) * 1000);
  const probed: ProbedTrack[] = [];
  for (const track of tracks) {
    const one = await probeTrack(track);
    if (one !== null) probed.push(one);
  }
  return {
    container: front === null ? 'mp4' : 'matroska',
    durationMs: durationS !== null && Number.isFinite(durationS) ? durationS * 1000 : null,
    startMs: Number.isFinite(startMs) ? startMs : 0,
    tracks: probed,
    sizeBytes,
  };
}

async function probeTrack(track: InputTrack): Promise<ProbedTrack | null> {
  const codec = await track.getCodec();
  if (track.isVideoTrack()) {
    return { kind: 'video', codec, widthPx: await track.getDisplayWidth(), heightPx: await track.getDisplayHeight() };
  }
  if (track.isAudioTrack()) return { kind: 'audio', codec, sampleRateHz: await track.getSampleRate() };
  return null;
}

async function fileSizeBytes(handle: FileHandle): Promise<number> {
  const stats = await handle.stat();
  if (!stats.isFile()) throw unreadable('It is not a file.', 'missing');
  return stats.size;
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw unreadable(`The file could not be opened: ${messageOf(error)}`, 'missing', error);
  }
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(unreadable('Reading its headers takes too long.', 'slow')), probeWithinMs);
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function asUnreadable(error: unknown): MediaError {
  if (error instanceof MediaError) return error;
  return unreadable(`The file could not be read: ${messageOf(error)}`, 'unreadable', error);
}

function unreadable(message: string, reason: string, cause?: unknown): MediaError {
  return new MediaError('RESULT_INVALID', message, {
    retryable: false,
    details: { reason },
    ...(cause === undefined ? {} : { cause }),
  });
}
