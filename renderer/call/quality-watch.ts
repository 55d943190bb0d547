import { QUALITY_EVERY_MS, type LinkQuality } from '../../contract/quality.ts';

export type QualityWatchPorts = {
  measure: () => Promise<LinkQuality[]>;
  report: (links: LinkQuality[]) => Promise<unknown>;
};

/** Measures all links in the app's rhythm, seen or hidden, and reports each look; the returned function ends it. */
export function watchQuality({ measure, report }: QualityWatchPorts): () => void {
  let ended = false;
  const look = async (): Promise<void> => {
    const links = await measure();
    if (!ended && links.length > 0) await report(links);
  };
  // A look that fails costs its numbers only: the next one comes, and main says when none does.
  const timer = setInterval(() => void look().catch(() => undefined), QUALITY_EVERY_MS);
  return () => {
    ended = true;
    clearInterval(timer);
  };
}
