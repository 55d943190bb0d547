/** How far FFmpeg says it is; a null means that it did not know (it prints N/A before the first packet). */
export type FfmpegProgress = {
  readonly outTimeMs: number | null;
  readonly totalSizeBytes: number | null;
  /** True for the report FFmpeg prints when it is through. */
  readonly isLast: boolean;
};

/** What has been read of the report under way. */
export type ProgressReading = { readonly outTimeMs: number | null; readonly totalSizeBytes: number | null };

/** The reading before the first line. */
export const emptyProgressReading: ProgressReading = { outTimeMs: null, totalSizeBytes: null };

/**
 * Reads one line of `-progress` output (key=value; a report ends with a `progress` line) and returns the reading so far
 * together with the report, if this line ended one.
 */
export function readProgressLine(
  reading: ProgressReading,
  line: string,
): { readonly reading: ProgressReading; readonly report: FfmpegProgress | null } {
  const cut = line.indexOf('=');
  if (cut <= 0) return { reading, report: null };
  const value = line.slice(cut + 1).trim();
  switch (line.slice(0, cut).trim()) {
    // out_time and not out_time_ms: FFmpeg's "ms" field has always held microseconds (fftools/ffmpeg.c, print_report).
    case 'out_time':
      return { reading: { ...reading, outTimeMs: parseClockTimeMs(value) }, report: null };
    case 'total_size':
      return { reading: { ...reading, totalSizeBytes: /^\d{1,15}$/.test(value) ? Number(value) : null }, report: null };
    case 'progress':
      return { reading: emptyProgressReading, report: { ...reading, isLast: value === 'end' } };
    default:
      return { reading, report: null };
  }
}

/** Reads FFmpeg's [-]HH:MM:SS.ffffff as milliseconds; null when it is anything else (for example N/A). */
export function parseClockTimeMs(text: string): number | null {
  const match = /^(-?)(\d{1,6}):(\d{2}):(\d{2}(?:\.\d{1,9})?)$/.exec(text);
  if (match === null) return null;
  const [, sign, hours, minutes, seconds] = match;
  const ms = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ms : ms;
}

/** The done part, 0..1, of work whose result will last `expectedMs`; 0 while either is unknown. */
export function progressFraction(progress: FfmpegProgress, expectedMs: number | null): number {
  if (progress.isLast) return 1;
  if (expectedMs === null || expectedMs <= 0 || progress.outTimeMs === null) return 0;
  return Math.min(1, Math.max(0, progress.outTimeMs / expectedMs));
}
