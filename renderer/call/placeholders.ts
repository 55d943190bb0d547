/** A silent sound and a black picture that hold a connection's two places while there is nothing to send. */
export type Placeholders = { stream: MediaStream; audio: MediaStreamTrack; stop(): void };

/** Makes the placeholders of one transport. */
export function createPlaceholders(context: AudioContext): Placeholders {
  const destination = context.createMediaStreamDestination();
  const silence = context.createConstantSource();
  silence.offset.value = 0;
  silence.connect(destination);
  silence.start();
  const canvas = document.createElement('canvas');
  canvas.width = 16;
  canvas.height = 16;
  canvas.getContext('2d')?.fillRect(0, 0, 16, 16);
  const [audio] = destination.stream.getAudioTracks();
  const [video] = canvas.captureStream(0).getVideoTracks();
  if (audio === undefined || video === undefined) throw new Error('The browser made a stream without a track.');
  return {
    stream: new MediaStream([audio, video]),
    audio,
    stop() {
      silence.stop();
      audio.stop();
      video.stop();
    },
  };
}
