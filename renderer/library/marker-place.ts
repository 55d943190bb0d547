import type { Deliverable, Marker } from '../../contract/recording.ts';

/** Where a marker lies in a file, in seconds of the file's own time; null when the file does not reach there. */
export function markerSeconds(
  { atMs }: Pick<Marker, 'atMs'>,
  { offsetMs, durationMs }: Pick<Deliverable, 'offsetMs' | 'durationMs'>,
): number | null {
  const withinMs = atMs - offsetMs;
  return withinMs < 0 || withinMs > durationMs ? null : withinMs / 1000;
}
