/** Measures how loud a track is, now. */
export type LevelMeter = {
  /** 0 (silence) to 1 (full scale), root mean square of the last 43 ms, raised so that speech fills a meter. */
  level(): number;
  stop(): void;
};

const WINDOW_SAMPLES = 2048;
/** Speech lies near -20 dBFS (0.1): this puts it at about two thirds of the meter. */
const EXPONENT = 0.4;

/** Meters a local track by an AnalyserNode of the shared context. */
export function meterTrack(context: AudioContext, track: MediaStreamTrack): LevelMeter {
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = WINDOW_SAMPLES;
  source.connect(analyser);
  const samples = new Float32Array(WINDOW_SAMPLES);
  return {
    level() {
      if (!track.enabled || track.readyState === 'ended') return 0;
      analyser.getFloatTimeDomainData(samples);
      return levelOfSamples(samples);
    },
    stop() {
      source.disconnect();
    },
  };
}

/** Loudness of samples in -1..1 on the meter's scale. */
export function levelOfSamples(samples: ArrayLike<number>): number {
  if (samples.length === 0) return 0;
  let sum = 0;
  for (let index = 0; index < samples.length; index += 1) {
    const sample = samples[index] ?? 0;
    sum += sample * sample;
  }
  return Math.min(1, Math.sqrt(sum / samples.length) ** EXPONENT);
}
