import { createFedTrack, framesOf } from '../call/breakout-box.ts';

/** The own camera as one track that outlives the camera being off: a recorder on it goes on in the same file. */
export type SteadyCamera = {
  readonly track: MediaStreamTrack;
  /** Shows this camera, or nothing. */
  setCamera(camera: MediaStreamTrack | null): void;
  stop(): void;
};

/** Makes a steady camera; frames are handed on as they are, nothing is copied or encoded. */
export function createSteadyCamera(): SteadyCamera {
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
