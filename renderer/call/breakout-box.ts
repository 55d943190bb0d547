/**
 * Chromium's MediaStreamTrackProcessor and MediaStreamTrackGenerator, which TypeScript's DOM library does not describe
 * (https://www.w3.org/TR/mediacapture-transform/; the generator is Chromium's older form of VideoTrackGenerator).
 */
type TrackProcessorConstructor = new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => {
  readonly readable: ReadableStream<VideoFrame>;
};
type TrackGeneratorConstructor = new (init: { kind: 'video' }) => MediaStreamTrack & {
  readonly writable: WritableStream<VideoFrame>;
};

declare global {
  interface Window {
    readonly MediaStreamTrackProcessor: TrackProcessorConstructor;
    readonly MediaStreamTrackGenerator: TrackGeneratorConstructor;
  }
}

/** A stream of frames, made to be read or given to a worker. */
export type FrameSource = { readonly readable: ReadableStream<VideoFrame> };

/** Begins to read the frames of a video track; the newest wins when nobody reads. Close each at once: a camera has few. */
export function framesOf(track: MediaStreamTrack): FrameSource {
  return new window.MediaStreamTrackProcessor({ track, maxBufferSize: 1 });
}

/** A video track fed by whoever holds the writable stream. */
export function createFedTrack(): { track: MediaStreamTrack; frames: WritableStream<VideoFrame> } {
  const generator = new window.MediaStreamTrackGenerator({ kind: 'video' });
  return { track: generator, frames: generator.writable };
}
