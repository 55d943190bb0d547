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

/**
 * The frames of a video track as a stream that can be given to a worker; the newest frame wins when nobody reads. Whoever
 * wants frames has to keep this object: Chromium collects a processor that nobody holds, and its stream then stays silent
 * without ending (seen in 6 of 15 recordings, some as early as the third frame).
 */
export type FrameSource = { readonly readable: ReadableStream<VideoFrame> };

/** Begins to read the frames of a video track. */
export function framesOf(track: MediaStreamTrack): FrameSource {
  return new window.MediaStreamTrackProcessor({ track, maxBufferSize: 1 });
}

/** A video track fed by whoever holds the writable stream. */
export function createFedTrack(): { track: MediaStreamTrack; frames: WritableStream<VideoFrame> } {
  const generator = new window.MediaStreamTrackGenerator({ kind: 'video' });
  return { track: generator, frames: generator.writable };
}
