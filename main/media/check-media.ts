import type { MediaProbe } from './probe.ts';

/** What a media file must be before it is called completed. */
export type MediaExpectation = {
  readonly container: MediaProbe['container'];
  /** Kinds of track it must hold, no more and no less. */
  readonly kinds: readonly ('video' | 'audio')[];
  /** Null when nobody knows; it must still say one of its own. */
  readonly durationMs: number | null;
  readonly toleranceMs: number;
};

/** Says what is wrong with a probed file in words for a log; an empty list means that it is as expected. */
export function checkMedia(probe: MediaProbe, expected: MediaExpectation): readonly string[] {
  const wrong: string[] = [];
  if (probe.sizeBytes <= 0) wrong.push('it is empty');
  if (probe.container !== expected.container) wrong.push(`it is ${probe.container}, not ${expected.container}`);
  for (const kind of ['video', 'audio'] as const) {
    const has = probe.tracks.some((track) => track.kind === kind);
    if (!has && expected.kinds.includes(kind)) wrong.push(`it has no ${kind}`);
    if (has && !expected.kinds.includes(kind)) wrong.push(`it has ${kind} that nobody asked for`);
  }
  for (const track of probe.tracks) {
    if (track.codec === null) wrong.push(`its ${track.kind} has an unknown codec`);
    if (track.kind === 'video' && !(track.widthPx > 0 && track.heightPx > 0)) wrong.push('its picture has no size');
    if (track.kind === 'audio' && !(track.sampleRateHz > 0)) wrong.push('its sound has no sample rate');
  }
  if (probe.durationMs === null || !(probe.durationMs > 0)) {
    wrong.push('it says no duration');
  } else if (expected.durationMs !== null && Math.abs(probe.durationMs - expected.durationMs) > expected.toleranceMs) {
    wrong.push(`it lasts ${Math.round(probe.durationMs)} ms, not ${Math.round(expected.durationMs)} ms`);
  }
  return wrong;
}
