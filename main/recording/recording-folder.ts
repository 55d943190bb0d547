import { join } from 'node:path';
import type { TrackSource } from '../../contract/recording.ts';

/** Names inside a recording's folder; all paths that a journal holds are relative to it and use `/`. */
export const JOURNAL_FILE = 'journal.jsonl';
export const SEGMENTS_FOLDER = 'segments';
export const DELIVERABLES_FOLDER = 'deliverables';
export const THUMBNAILS_FOLDER = 'thumbnails';
/** How the call was while it was recorded; nothing depends on it. */
export const QUALITY_FILE = 'quality.jsonl';

/** The bin inside a recordings folder: what is deleted is renamed into it first. */
export const BIN_FOLDER = '.bin';

const MAX_STEM_CHARACTERS = 48;
const MAX_STEM_BYTES = 120;
// Device names that Windows reserves whatever their extension (learn.microsoft.com, Naming Files, Paths, and Namespaces).
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])$/;

/**
 * Makes a name that a person typed safe as part of a file name: letters and digits of any script, joined by dashes,
 * never empty, without dots, separators or names that Windows reserves.
 */
export function fileSlug(name: string): string {
  const words = name
    .toWellFormed()
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '-')
    .replace(/^[-\p{M}]+|-+$/gu, '');
  let slug = '';
  for (const character of words) {
    if (slug.length + character.length > MAX_STEM_CHARACTERS) break;
    if (Buffer.byteLength(slug + character) > MAX_STEM_BYTES) break;
    slug += character;
  }
  slug = slug.replace(/-+$/, '');
  if (slug === '') return 'person';
  return reserved.test(slug) ? `${slug}-person` : slug;
}

/** The beginning of all file names of a track, different from every one in `taken`. */
export function fileStem(name: string, source: TrackSource, taken: ReadonlySet<string>): string {
  const base = source === 'mix' ? 'mix' : `${fileSlug(name)}-${source}`;
  if (!taken.has(base)) return base;
  for (let n = 2; ; n += 1) {
    const candidate = source === 'mix' ? `mix-${n}` : `${fileSlug(name)}-${n}-${source}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** Path of a segment relative to the recording's folder. */
export function segmentFile(stem: string, index: number, container: 'webm' | 'mkv'): string {
  return `${SEGMENTS_FOLDER}/${stem}-${index}.${container}`;
}

/** Path of a finished file relative to the recording's folder. */
export function deliverableFile(stem: string, format: 'webm' | 'mkv' | 'mp4'): string {
  return `${DELIVERABLES_FOLDER}/${stem}.${format}`;
}

/** Absolute path of a file that a journal names; a name that leads out of the folder is refused with null. */
export function insideFolder(folder: string, relative: string): string | null {
  const parts = relative.split('/');
  const clean = parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\:\0]/.test(part));
  return clean ? join(folder, ...parts) : null;
}
