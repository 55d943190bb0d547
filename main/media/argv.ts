import { isAbsolute } from 'node:path';
import { MediaError } from './media-error.ts';

/** What FFmpeg gets on its standard input. */
export type FfmpegInput =
  | { readonly kind: 'none' }
  | { readonly kind: 'stream' }
  | { readonly kind: 'text'; readonly text: string };

/** One run of FFmpeg: its exact arguments and its standard input. */
export type FfmpegSpec = { readonly args: readonly string[]; readonly input: FfmpegInput };

/** The containers of files that FFmpeg is given to read. */
export type SourceContainer = 'matroska' | 'mp4';

/** The containers that a stream copy is written into. */
export type CopyContainer = 'matroska' | 'webm';

/** A segment and where its first picture or sound lies on the common clock of its track. */
export type PlacedSegment = { readonly path: string; readonly startMs: number };

// -nostdin: a key typed into a terminal must not steer FFmpeg. -y: every output here is a temporary name of ours.
const commonArgs = [
  '-hide_banner',
  '-nostdin',
  '-nostats',
  '-loglevel',
  'warning',
  '-progress',
  'pipe:1',
  '-y',
] as const;

// Copies the picture, encodes the sound. The resampler puts silence where sound is missing and drops what overlaps, so
// that AAC (whose frames have no times of their own in many players) stays beside the picture: first_pts pads a late
// start, min_hard_comp is the largest error in seconds it lets pass (issue bar: 80 ms).
const mp4Args = [
  '-map',
  '0:v:0?',
  '-map',
  '0:a:0?',
  '-c:v',
  'copy',
  '-c:a',
  'aac',
  '-b:a',
  '128k',
  '-af',
  'aresample=async=1:min_hard_comp=0.050:first_pts=0',
  // FFmpeg up to 4.3 gives up when one stream starts more than 128 packets after the other; sound may start late.
  '-max_muxing_queue_size',
  '1000000',
  '-map_metadata',
  '-1',
  // Else the chapters of a source come along, in MP4 as a track of text beside the box that chapters/ writes.
  '-map_chapters',
  '-1',
  // No faststart (it copies the whole file once more) and no fragments (the file can be made again from the segments):
  // closing writes only the sample tables. AAC priming and a late first picture are told by edit lists, mp4's default.
  '-f',
  'mp4',
] as const;

// Segments are ours, but a file is what its bytes say: without these lists a damaged one could be taken for a playlist.
const readableFormats = 'concat,matroska,webm';

/** Matroska or WebM arriving on standard input becomes an MP4 with the same picture and AAC sound. */
export function liveMp4Args(options: { outputPath: string }): FfmpegSpec {
  return {
    args: [
      ...commonArgs,
      '-protocol_whitelist',
      'pipe',
      '-f',
      'matroska',
      '-i',
      'pipe:0',
      ...mp4Args,
      fileUrl(options.outputPath),
    ],
    input: { kind: 'stream' },
  };
}

/** A finished file, or several segments one after the other with their gaps, becomes an MP4. */
export function remuxToMp4Args(options: {
  source: { path: string; container: SourceContainer } | { segments: readonly PlacedSegment[] };
  outputPath: string;
}): FfmpegSpec {
  if ('path' in options.source) {
    return {
      args: [...commonArgs, ...fileInputArgs(options.source), ...mp4Args, fileUrl(options.outputPath)],
      input: { kind: 'none' },
    };
  }
  return {
    args: [...commonArgs, ...concatInputArgs, ...mp4Args, fileUrl(options.outputPath)],
    input: { kind: 'text', text: concatList(options.source.segments) },
  };
}

/** Several segments become one file by stream copy; gaps between them stay as long as they were. */
export function joinByCopyArgs(options: {
  segments: readonly PlacedSegment[];
  container: CopyContainer;
  outputPath: string;
}): FfmpegSpec {
  return {
    args: [
      ...commonArgs,
      ...concatInputArgs,
      '-map',
      '0',
      '-c',
      'copy',
      '-map_metadata',
      '-1',
      '-map_chapters',
      '-1',
      '-f',
      options.container,
      fileUrl(options.outputPath),
    ],
    input: { kind: 'text', text: concatList(options.segments) },
  };
}

/** One picture at a time of the source, scaled to a width, as a JPEG. */
export function thumbnailArgs(options: {
  source: { path: string; container: SourceContainer };
  atMs: number;
  widthPx: number;
  outputPath: string;
}): FfmpegSpec {
  return {
    args: [
      ...commonArgs,
      // Before -i: jumps to the key frame before the time instead of decoding everything up to it.
      '-ss',
      formatSeconds(Math.max(0, options.atMs)),
      ...fileInputArgs(options.source),
      '-map',
      '0:v:0',
      '-frames:v',
      '1',
      '-vf',
      `scale=${options.widthPx}:-2`,
      '-c:v',
      'mjpeg',
      '-q:v',
      '3',
      // Not image2: that one reads a % in the file name as a pattern.
      '-f',
      'mjpeg',
      fileUrl(options.outputPath),
    ],
    input: { kind: 'none' },
  };
}

/** A plain picture of those measures, handed over as bytes, as a JPEG: whoever can make pictures at all can make this one. */
export function drawnPictureArgs(options: { widthPx: number; heightPx: number; outputPath: string }): FfmpegSpec {
  const { widthPx, heightPx, outputPath } = options;
  return {
    args: [
      ...commonArgs,
      '-protocol_whitelist',
      'pipe',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'yuv420p',
      '-s',
      `${widthPx}x${heightPx}`,
      '-i',
      'pipe:0',
      '-frames:v',
      '1',
      '-c:v',
      'mjpeg',
      '-q:v',
      '3',
      '-f',
      'mjpeg',
      fileUrl(outputPath),
    ],
    // yuv420p: one byte of brightness a pixel, and two of colour for every four. Below 128, text is bytes.
    input: { kind: 'text', text: '@'.repeat((widthPx * heightPx * 3) / 2) },
  };
}

/** The list FFmpeg's concat demuxer reads; `duration` is where the next segment begins, so it keeps the gaps. */
export function concatList(segments: readonly PlacedSegment[]): string {
  const lines = ['ffconcat version 1.0'];
  for (const [index, segment] of segments.entries()) {
    lines.push(`file ${quoteForConcat(fileUrl(segment.path))}`);
    const next = segments[index + 1];
    if (next === undefined) continue;
    const untilNextMs = next.startMs - segment.startMs;
    if (!(untilNextMs > 0)) throw unusable('The segments of a track are not in the order of time.');
    lines.push(`duration ${formatSeconds(untilNextMs)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** An absolute path as FFmpeg must see it: with its protocol named, so that no character of the path can name another. */
export function fileUrl(path: string): string {
  if (!isAbsolute(path)) throw unusable('FFmpeg is given absolute paths only.');
  if (path.includes('\0')) throw unusable('A file name holds a zero byte.');
  return `file:${path}`;
}

const concatInputArgs = [
  '-protocol_whitelist',
  'file,pipe',
  '-format_whitelist',
  readableFormats,
  '-f',
  'concat',
  '-safe',
  '0',
  '-i',
  'pipe:0',
] as const;

function fileInputArgs(source: { path: string; container: SourceContainer }): string[] {
  return ['-protocol_whitelist', 'file', '-f', source.container, '-i', fileUrl(source.path)];
}

// https://ffmpeg.org/ffmpeg-utils.html#Quoting-and-escaping: inside '...' only the quote itself is special.
function quoteForConcat(text: string): string {
  if (/[\r\n]/.test(text)) throw unusable('Files in a folder whose name holds a line break cannot be joined.');
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function formatSeconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function unusable(message: string): MediaError {
  return new MediaError('FFMPEG_FAILED', message, { retryable: false });
}
