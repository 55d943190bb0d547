import { recorderOptions } from './recorder-options.ts';
import { restartPause } from './run-decision.ts';
import { startMixCompositor } from './mix-compositor.ts';
import { startMixSound } from './mix-sound.ts';
import { startSegmentRun } from './segment-run.ts';
import type { SegmentEndReason } from '../../contract/recording.ts';
import type { CaptureContext } from './capture-context.ts';
import type { MixPerson } from './mix-compositor.ts';
import type { SegmentRun } from './segment-run.ts';

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
  const ending = new Set<Promise<void>>();
  let brokenRunsInARow = 0;
  let startedAtMs = 0;
  let run: SegmentRun | null = null;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let ended = false;

  function update(people: readonly MixSource[]): void {
    picture.setPeople(people.map(({ id, name, camera }) => ({ id, name, camera })));
    sound.setPeople(people);
  }

  function start(): void {
    if (ended) return;
    startedAtMs = context.clockMs();
    const options = recorderOptions('mix', plan, (mimeType) => MediaRecorder.isTypeSupported(mimeType));
    run = startSegmentRun(
      context,
      track,
      [{ lane: 'av', tracks: [picture.track, sound.track], options, flowing: true }],
      broken,
    );
  }

  function endRun(reason: SegmentEndReason): void {
    const end = run?.end(reason);
    run = null;
    if (end === undefined) return;
    ending.add(end);
    void end.then(() => ending.delete(end));
  }

  function broken(reason: SegmentEndReason): void {
    const decided = restartPause(brokenRunsInARow, context.clockMs() - startedAtMs);
    brokenRunsInARow = decided.brokenRunsInARow;
    endRun(reason);
    void resumeAfter(decided.pauseMs, reason === 'overflow');
  }

  async function resumeAfter(pauseMs: number, overflown: boolean): Promise<void> {
    // The disk first has to take what waits: a new run would only overflow again.
    if (overflown) await Promise.allSettled(ending);
    if (!ended) pause = setTimeout(start, pauseMs);
  }

  update(firstPeople);
  // Sound and picture of one recorder both count from their own first sample: a picture that begins while the worker is
  // still loading would lie that much before its sound (measured: 100 ms).
  void picture.flowing.then(start);
  return {
    update,
    async end(reason) {
      ended = true;
      clearTimeout(pause);
      endRun(reason);
      await Promise.allSettled(ending);
      picture.stop();
      sound.stop();
    },
  };
}
