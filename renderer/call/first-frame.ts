import { framesOf } from './breakout-box.ts';
import type { FrameSource } from './breakout-box.ts';

/**
 * Calls back once with the time (performance.now clock) of the first picture of a track. Read from the track itself, so
 * that it is true whatever screen is open.
 */
export function onFirstFrame(track: MediaStreamTrack, tell: (atMs: number) => void): () => void {
  const held: { source: FrameSource | null } = { source: framesOf(track) };
  const reader = held.source?.readable.getReader();
  const read = async (): Promise<void> => {
    const next = await reader?.read();
    held.source = null;
    if (next?.value === undefined) return;
    next.value.close();
    tell(performance.now());
    await reader?.cancel();
  };
  read().catch(() => undefined);
  return () => {
    held.source = null;
    void reader?.cancel().catch(() => undefined);
  };
}
