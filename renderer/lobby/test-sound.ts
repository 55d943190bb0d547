/** Two short soft tones through one speaker; resolves when they are over. */
export async function playTestSound(speakerId: string): Promise<void> {
  const context = new AudioContext();
  try {
    const sink = context.createMediaStreamDestination();
    const audio = new Audio();
    audio.srcObject = sink.stream;
    await audio.setSinkId(speakerId);
    await audio.play();
    const begin = context.currentTime + 0.05;
    const last = [523.25, 783.99].map((frequency, index) => {
      const tone = new OscillatorNode(context, { frequency });
      const at = begin + index * 0.22;
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.setTargetAtTime(0.25, at, 0.01);
      gain.gain.setTargetAtTime(0, at + 0.18, 0.08);
      tone.connect(gain).connect(sink);
      tone.start(at);
      tone.stop(at + 0.6);
      return tone;
    })[1];
    await new Promise<void>((resolve) => {
      if (last === undefined) resolve();
      else last.addEventListener('ended', () => resolve(), { once: true });
    });
    audio.srcObject = null;
  } finally {
    await context.close();
  }
}
