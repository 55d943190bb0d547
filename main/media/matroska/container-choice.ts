import type { Container } from './segment-head.ts';

/** Which container it will be, and why, when it is not the wanted one. */
export interface ContainerChoice {
  readonly container: Container;
  readonly reason: string | null;
}

// https://www.webmproject.org/docs/container/ and, for AV1, https://aomediacodec.github.io/av1-in-matroska/
const WEBM_CODECS = new Set(['V_VP8', 'V_VP9', 'V_AV1', 'A_OPUS', 'A_VORBIS']);

/** Chooses the container for tracks of these Matroska codec ids: the wanted one, or Matroska when WebM cannot hold them all. */
export function containerFor(codecIds: readonly string[], wanted: Container): ContainerChoice {
  const strangers = codecIds.filter((codecId) => !WEBM_CODECS.has(codecId));
  if (wanted === 'matroska' || strangers.length === 0) return { container: wanted, reason: null };
  return { container: 'matroska', reason: `WebM cannot hold ${[...new Set(strangers)].join(', ')}` };
}
