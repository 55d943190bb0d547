/** The sound of everybody as one audio track that never changes while people come and go. */
export type MixSound = {
  readonly track: MediaStreamTrack;
  setPeople(people: readonly { id: string; microphone: MediaStreamTrack | null }[]): void;
  stop(): void;
};

type Input = { track: MediaStreamTrack; source: MediaStreamAudioSourceNode };

/** Starts the sound mix. */
export function startMixSound(context: AudioContext): MixSound {
  const destination = context.createMediaStreamDestination();
  // Keeps samples flowing while nobody is connected: a recorder of sound and picture waits for both (FACTS.md).
  const silence = context.createConstantSource();
  silence.offset.value = 0;
  silence.connect(destination);
  silence.start();
  const inputs = new Map<string, Input>();

  const remove = (id: string): void => {
    const input = inputs.get(id);
    if (input === undefined) return;
    inputs.delete(id);
    input.source.disconnect();
  };

  return {
    track: firstAudioTrack(destination.stream),
    setPeople(people) {
      for (const [id, input] of inputs) {
        const now = people.find((person) => person.id === id);
        if (now === undefined || now.microphone !== input.track) remove(id);
      }
      for (const { id, microphone } of people) {
        if (microphone === null || microphone.readyState === 'ended' || inputs.has(id)) continue;
        const stream = new MediaStream([microphone]);
        // Received sound reaches WebAudio only while a media element plays it: the link that receives it sees to that.
        const source = context.createMediaStreamSource(stream);
        source.connect(destination);
        inputs.set(id, { track: microphone, source });
      }
    },
    stop() {
      for (const id of inputs.keys()) remove(id);
      silence.stop();
    },
  };
}

function firstAudioTrack(stream: MediaStream): MediaStreamTrack {
  const [track] = stream.getAudioTracks();
  if (track === undefined) throw new Error('The audio destination has no track.');
  return track;
}
