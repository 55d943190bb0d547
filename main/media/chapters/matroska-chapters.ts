import { element, ID, textElement, uintElement } from '../matroska/ebml.ts';
import { startsInUnits } from './chapter-list.ts';
import type { Chapter } from './chapter-list.ts';

const NS_PER_MS = 1_000_000;

/**
 * Builds the Chapters element of tidied chapters (RFC 9559, 5.1.7): one edition, each chapter until the next one. It uses
 * only elements that WebM has too (`webm="1"` in the schema of RFC 9559, ebml_matroska.xml): no EditionUID and no
 * ChapterFlagEnabled, whose defaults are what we would write.
 */
export function buildMatroskaChapters(chapters: readonly Chapter[], durationMs: number): Uint8Array {
  const startsNs = startsInUnits(chapters, NS_PER_MS);
  const atoms = chapters.map(({ name }, index) => {
    const startNs = startsNs[index] ?? 0;
    const endNs = startsNs[index + 1] ?? Math.max(startNs, Math.floor(durationMs) * NS_PER_MS);
    const display =
      name === ''
        ? []
        : [element(ID.chapterDisplay, textElement(ID.chapString, name), textElement(ID.chapLanguage, 'und'))];
    return element(
      ID.chapterAtom,
      uintElement(ID.chapterUid, index + 1),
      uintElement(ID.chapterTimeStart, startNs),
      uintElement(ID.chapterTimeEnd, endNs),
      ...display,
    );
  });
  return element(ID.chapters, element(ID.editionEntry, ...atoms));
}
