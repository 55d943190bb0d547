import { framesOf } from './breakout-box.ts';

/**
 * Calls back once with the time (performance.now clock) of the first picture of a track. Read from the track itself, so
 * that it is true whatever screen is open.
 */
export function onFirstFrame(track: MediaStreamTrack, tell: (atMs: number) => void): () => void {
  const reader = framesOf(track).getReader();
  const read = async (): Promise<void> => {
    const { value } = await reader.read();
    if (value === undefined) return;
    value.close();
    tell(performance.now());
    await reader.cancel();
  };
  read().catch(() => undefined);
  return () => {
    void reader.cancel().catch(() => undefined);
  };
}
