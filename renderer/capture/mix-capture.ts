import { recorderOptions } from './recorder-options.ts';
import { createRunSequence } from './run-sequence.ts';
import { startMixCompositor } from './mix-compositor.ts';
import { startMixSound } from './mix-sound.ts';
import { startSegmentRun } from './segment-run.ts';
import type { SegmentEndReason } from '../../contract/recording.ts';
import type { CaptureContext } from './capture-context.ts';
import type { MixPerson } from './mix-compositor.ts';
import type { LaneSource } from './segment-run.ts';

/** A person in the mix. */
export type MixSource = MixPerson & { microphone: MediaStreamTrack | null };

/** Records everybody's picture and sound in one file. */
export type MixCapture = {
  update(people: readonly MixSource[]): void;
  end(reason: SegmentEndReason): Promise<void>;
};

/** Starts the mix; people may come and go without its recorder noticing. */
export function createMixCapture(context: CaptureContext, firstPeople: readonly MixSource[]): MixCapture {
  const { plan } = context;
  const picture = startMixCompositor(context.mixWorker, {
    width: plan.mixWidth,
    height: plan.mixHeight,
    framesPerSecond: plan.mixFramesPerSecond,
  });
  const sound = startMixSound(context.audioContext);
  const track = context.client
    .request('recording.openTrack', { recordingId: context.recordingId, participantId: null, source: 'mix' })
    .then(({ trackId }) => trackId);
  track.catch(() => undefined);
  const runs = createRunSequence(context.clockMs, start);

  function update(people: readonly MixSource[]): void {
    picture.setPeople(people.map(({ id, name, camera }) => ({ id, name, camera })));
    sound.setPeople(people);
  }

  function start(): void {
    const options = recorderOptions('mix', plan, (mimeType) => MediaRecorder.isTypeSupported(mimeType));
    const lanes: LaneSource[] = [{ lane: 'av', tracks: [picture.track, sound.track], options, flowing: true }];
    runs.start((lastIsClosed, onBroken) =>
      startSegmentRun(
        context,
        lastIsClosed.then(() => track),
        lanes,
        onBroken,
      ),
    );
  }

  update(firstPeople);
  // Sound and picture of one recorder both count from their own first sample: a picture that begins while the worker is
  // still loading would lie that much before its sound (measured: 100 ms).
  void picture.flowing.then(start);
  return {
    update,
    async end(reason) {
      await runs.end(reason);
      picture.stop();
      sound.stop();
    },
  };
}
