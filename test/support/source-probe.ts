import type { Page } from 'playwright';
import { cameraConstraints, microphoneConstraints } from '../../renderer/call/capture-constraints.ts';
import { risingEdges } from './av-measure.ts';
import type { PersonLook } from './av-source.ts';

/** What one person's devices really showed and sounded, on the machine's wall clock (milliseconds since 1970). */
export type SourceTruth = { flashes: number[]; beeps: number[] };

/** Watches the fake camera and microphone of a running app from inside its page, beside the call, for some seconds. */
export async function probeSource(page: Page, look: PersonLook, seconds: number): Promise<SourceTruth> {
  // The same wishes as the app's, so that Chromium gives the very source that the call uses: a fake device opened with other
  // wishes would play its file from its beginning, beside the call's.
  const cores = await page.evaluate(() => navigator.hardwareConcurrency);
  const wishes = { video: cameraConstraints('', cores), audio: microphoneConstraints('') };
  const { pictures, sounds } = await page.evaluate(
    async ({ durationMs, beepHz, wishes }) => {
      type Reader<T> = { read(): Promise<{ done: boolean; value: T }>; cancel(): Promise<void> };
      type Processor = new (init: { track: MediaStreamTrack }) => { readable: { getReader(): Reader<never> } };
      const { MediaStreamTrackProcessor } = window as unknown as { MediaStreamTrackProcessor: Processor };
      const stream = await navigator.mediaDevices.getUserMedia(wishes);
      const now = (): number => performance.timeOrigin + performance.now();
      const untilMs = now() + durationMs;
      const pictures: { atMs: number; level: number }[] = [];
      const sounds: { atMs: number; level: number }[] = [];
      // Frames carry times of a steady clock with a zero of its own; the one that came through fastest tells where that is.
      let pictureLagMs = Infinity;
      let soundLagMs = Infinity;

      const watchPicture = async (track: MediaStreamTrack): Promise<void> => {
        const reader = new MediaStreamTrackProcessor({ track }).readable.getReader() as unknown as Reader<VideoFrame>;
        const rect = { x: 64, y: 32, width: 32, height: 16 };
        const pixels = new Uint8Array(4096);
        while (now() < untilMs) {
          const { done, value } = await reader.read();
          if (done) break;
          const atMs = value.timestamp / 1000;
          pictureLagMs = Math.min(pictureLagMs, now() - atMs);
          await value.copyTo(pixels, { rect });
          pictures.push({ atMs, level: pixels.subarray(0, 512).reduce((sum, level) => sum + level, 0) / 512 });
          value.close();
        }
        await reader.cancel();
      };
      const watchSound = async (track: MediaStreamTrack): Promise<void> => {
        const reader = new MediaStreamTrackProcessor({ track }).readable.getReader() as unknown as Reader<AudioData>;
        while (now() < untilMs) {
          const { done, value } = await reader.read();
          if (done) break;
          const startMs = value.timestamp / 1000;
          soundLagMs = Math.min(soundLagMs, now() - startMs - (value.numberOfFrames * 1000) / value.sampleRate);
          const samples = new Float32Array(value.numberOfFrames);
          value.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
          const windowSize = Math.floor(value.sampleRate / 500);
          for (let from = 0; from + windowSize <= samples.length; from += windowSize) {
            const coefficient = 2 * Math.cos((2 * Math.PI * beepHz) / value.sampleRate);
            let previous = 0;
            let before = 0;
            for (let index = from; index < from + windowSize; index += 1) {
              const current = (samples[index] ?? 0) + coefficient * previous - before;
              before = previous;
              previous = current;
            }
            const level =
              Math.sqrt(Math.max(0, previous ** 2 + before ** 2 - coefficient * previous * before)) / windowSize;
            sounds.push({ atMs: startMs + (from * 1000) / value.sampleRate, level });
          }
          value.close();
        }
        await reader.cancel();
      };
      const [picture] = stream.getVideoTracks();
      const [sound] = stream.getAudioTracks();
      await Promise.all([
        picture === undefined ? undefined : watchPicture(picture),
        sound === undefined ? undefined : watchSound(sound),
      ]);
      for (const track of stream.getTracks()) track.stop();
      return {
        pictures: pictures.map(({ atMs, level }) => ({ atMs: atMs + pictureLagMs, level })),
        sounds: sounds.map(({ atMs, level }) => ({ atMs: atMs + soundLagMs, level })),
      };
    },
    { durationMs: seconds * 1000, beepHz: look.beepHz, wishes },
  );
  return { flashes: risingEdges(pictures), beeps: risingEdges(sounds) };
}
