import type { Recording, Track } from '../../contract/recording.ts';
import { clockWords, durationWords } from '../ui/time-words.ts';
import { sourceWords } from './file-words.ts';

/** Something that a recording lacks or that is different in it: the most important line, and what else there is to know. */
export type Aftermath = { line: string; rest: string[] };

/** A short length as it is felt: tenths below ten seconds, and never "0.0 s" for something that is missing. */
export function missingLengthWords(durationMs: number): string {
  return durationMs < 9_950 ? `${Math.max(0.1, durationMs / 1000).toFixed(1)} s` : durationWords(durationMs);
}

/** What is missing of one track, the largest part first. */
export function missingOf(
  track: Pick<Track, 'lost' | 'participantName' | 'source'>,
): { durationMs: number; words: string }[] {
  const whose = trackWords(track);
  const { endMs, gaps } = track.lost;
  const parts = gaps.map(({ atMs, durationMs }) => ({
    durationMs,
    words: `${missingLengthWords(durationMs)} missing at ${clockWords(atMs)} of ${whose}`,
  }));
  if (endMs > 0) {
    parts.push({ durationMs: endMs, words: `${missingLengthWords(endMs)} missing at the end of ${whose}` });
  }
  return parts.sort((a, b) => b.durationMs - a.durationMs);
}

/** What a person is told of a recording that is at its end: the largest loss first, then the notes; null when all is well. */
export function aftermathOf(recording: Pick<Recording, 'tracks' | 'notes'>): Aftermath | null {
  const missing = recording.tracks.flatMap(missingOf).sort((a, b) => b.durationMs - a.durationMs);
  const [line, ...rest] = [...missing.map(({ words }) => words), ...recording.notes];
  return line === undefined ? null : { line, rest };
}

function trackWords({ participantName, source }: Pick<Track, 'participantName' | 'source'>): string {
  if (source === 'mix') return 'everybody together';
  return source === 'camera' ? `${participantName}'s camera` : `${participantName}${sourceWords(source)}`;
}
