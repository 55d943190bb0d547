import { createFedTrack } from '../call/breakout-box.ts';

/** A dark picture a few times a second: enough for a file that plays and seeks, next to nothing to encode. */
const FRAME_EVERY_MS = 200;
const DEFAULT_SIZE = { width: 640, height: 360 };

/** What is recorded of a person whose own camera is off: a dark picture, so that every run of the track has the same kinds. */
export type NoCamera = {
  readonly track: MediaStreamTrack;
  /** The camera that is on, whose size the dark picture takes when it goes off; null shows the dark picture. */
  setCamera(camera: MediaStreamTrack | null): void;
  stop(): void;
};

/** Makes the stand-in; it is still while a camera is on. */
export function createNoCamera(): NoCamera {
  const { track, frames } = createFedTrack();
  const writer = frames.getWriter();
  let size = DEFAULT_SIZE;
  let timer: ReturnType<typeof setInterval> | undefined;

  function showDark(): void {
    const canvas = new OffscreenCanvas(size.width, size.height);
    const context = canvas.getContext('2d', { alpha: false });
    const show = (): void => {
      context?.fillRect(0, 0, canvas.width, canvas.height);
      const frame = new VideoFrame(canvas, { timestamp: Math.round(performance.now() * 1000) });
      writer.write(frame).catch(() => frame.close());
    };
    show();
    timer = setInterval(show, FRAME_EVERY_MS);
  }

  return {
    track,
    setCamera(camera) {
      if (camera !== null) {
        const { width = DEFAULT_SIZE.width, height = DEFAULT_SIZE.height } = camera.getSettings();
        size = { width, height };
        clearInterval(timer);
        timer = undefined;
      } else if (timer === undefined) showDark();
    },
    stop() {
      clearInterval(timer);
      track.stop();
    },
  };
}
