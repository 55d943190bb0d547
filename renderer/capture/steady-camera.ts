import { createFedTrack, framesOf } from '../call/breakout-box.ts';
import type { FrameSource } from '../call/breakout-box.ts';

/** The own camera as one track that outlives the camera being off: a recorder on it goes on in the same file. */
export type SteadyCamera = {
  readonly track: MediaStreamTrack;
  /** Shows this camera, or nothing. */
  setCamera(camera: MediaStreamTrack | null): void;
  /** Calls back once, when the next frame goes into the track, with the time that is on it (clock of `nowMs`). */
  onNextFrame(tell: (frameAtMs: number) => void): void;
  stop(): void;
};

/** Makes a steady camera; frames are handed on with another time on them, nothing is copied or encoded. */
export function createSteadyCamera(nowMs: () => number): SteadyCamera {
  const { track, frames } = createFedTrack();
  const writer = frames.getWriter();
  const waiting: ((frameAtMs: number) => void)[] = [];
  let camera: MediaStreamTrack | null = null;
  let source: FrameSource | null = null;

  async function feed(from: FrameSource): Promise<void> {
    const reader = from.readable.getReader();
    // Every camera counts the times of its frames from its own start: a recorder that has seen later times writes no
    // more (measured). One clock for all of them keeps the distances between frames as the camera gave them.
    let offset: number | null = null;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      offset ??= Math.round(nowMs() * 1000) - value.timestamp;
      const stamped = new VideoFrame(value, { timestamp: value.timestamp + offset });
      value.close();
      if (source !== from) {
        stamped.close();
        await reader.cancel();
        return;
      }
      for (const tell of waiting.splice(0)) tell(stamped.timestamp / 1000);
      await writer.write(stamped);
    }
  }

  return {
    track,
    setCamera(next) {
      if (next === camera) return;
      camera = next;
      // The loop that reads the camera of before ends with its next frame: cancelled from here, that frame would leak.
      source = null;
      if (next === null || next.readyState === 'ended') return;
      source = framesOf(next);
      // Ends with the camera, or with the track that it feeds.
      feed(source).catch(() => undefined);
    },
    onNextFrame(tell) {
      waiting.push(tell);
    },
    stop() {
      source = null;
      track.stop();
    },
  };
}
