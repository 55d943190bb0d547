import { createFedTrack, framesOf } from '../call/breakout-box.ts';

/** The own camera as one track that outlives the camera being off: a recorder on it goes on in the same file. */
export type SteadyCamera = {
  readonly track: MediaStreamTrack;
  /** Shows this camera, or nothing. */
  setCamera(camera: MediaStreamTrack | null): void;
  stop(): void;
};

/** Makes a steady camera; frames are handed on with another time on them, nothing is copied or encoded. */
export function createSteadyCamera(nowMs: () => number): SteadyCamera {
  const { track, frames } = createFedTrack();
  let camera: MediaStreamTrack | null = null;
  let feeding: AbortController | null = null;
  /** One source at a time holds the lock of the stream. */
  let queue: Promise<void> = Promise.resolve();

  async function feed(before: Promise<void>, from: MediaStreamTrack, signal: AbortSignal): Promise<void> {
    await before;
    if (signal.aborted) return;
    // Ends with the camera or by the signal, either way without closing the steady track.
    await framesOf(from)
      .pipeThrough(restamp(nowMs))
      .pipeTo(frames, { preventClose: true, preventAbort: true, signal })
      .catch(() => undefined);
  }

  return {
    track,
    setCamera(next) {
      if (next === camera) return;
      camera = next;
      feeding?.abort();
      feeding = null;
      if (next === null || next.readyState === 'ended') return;
      const controller = new AbortController();
      feeding = controller;
      queue = feed(queue, next, controller.signal);
    },
    stop() {
      feeding?.abort();
      track.stop();
    },
  };
}

/**
 * Every camera counts the times of its frames from its own start: a recorder that has seen later times writes no more
 * (measured). One clock for all of them keeps the distances between frames as the camera gave them.
 */
function restamp(nowMs: () => number): TransformStream<VideoFrame, VideoFrame> {
  let offset: number | null = null;
  return new TransformStream<VideoFrame, VideoFrame>({
    transform(frame, controller) {
      offset ??= Math.round(nowMs() * 1000) - frame.timestamp;
      controller.enqueue(new VideoFrame(frame, { timestamp: frame.timestamp + offset }));
      frame.close();
    },
  });
}
