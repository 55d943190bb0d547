import { createChunkSender } from './chunk-sender.ts';
import { createMixCapture } from './mix-capture.ts';
import { createPersonCapture } from './person-capture.ts';
import { createNoCamera } from './no-camera.ts';
import type { SegmentEndReason } from '../../contract/recording.ts';
import type { CallView, PersonView } from '../call/call-view.ts';
import type { LocalMediaView } from '../call/local-media.ts';
import type { CaptureContext } from './capture-context.ts';
import type { MixSource } from './mix-capture.ts';
import type { PersonCapture, PersonSources } from './person-capture.ts';

/** Captures one recording: everybody apart, and the mix. */
export type RecordingCapture = {
  update(view: CallView, own: LocalMediaView): void;
  /** Stops every recorder and hands over what they gave last; the call's own devices are left alone. */
  end(reason: SegmentEndReason): Promise<void>;
};

/** Starts capturing a recording in the call that `view` shows. */
export function createRecordingCapture(
  context: Omit<CaptureContext, 'sender'>,
  view: CallView,
  own: LocalMediaView,
): RecordingCapture {
  const { audioContext, client } = context;
  const sender = createChunkSender({
    append: (chunk) => client.request('recording.append', chunk),
    nowMs: () => performance.now(),
  });
  const whole: CaptureContext = { ...context, sender };
  const people = new Map<string, PersonCapture>();
  const leaving = new Set<Promise<void>>();
  // Stands in for a camera that is off. The camera itself is recorded directly, so that switching it off or on begins
  // another segment: handing its frames on into one lasting track stopped after a few frames in some recordings (measured,
  // Electron 42).
  const noCamera = createNoCamera();
  // Stands in for a microphone that is not there: the sound lane never waits.
  const silence = audioContext.createMediaStreamDestination();

  function sourcesOf(person: PersonView, local: LocalMediaView): PersonSources | null {
    if (!person.isSelf) {
      const audio = person.stream?.getAudioTracks()[0];
      const video = person.stream?.getVideoTracks()[0];
      if (audio === undefined || video === undefined) return null;
      return { audio, video, deviceKey: '', received: true, cameraOn: person.participant.cameraOn };
    }
    // A window that just opened has its microphone in a moment: worth waiting for, rather than a file of silence.
    if (local.microphone === null && local.microphoneError === null && person.participant.microphoneOn) return null;
    const audio = local.microphone ?? silence.stream.getAudioTracks()[0];
    if (audio === undefined) return null;
    return {
      audio,
      video: local.camera ?? noCamera.track,
      deviceKey: `${deviceOf(local.microphone)} ${cameraChanges}`,
      received: false,
      cameraOn: local.camera !== null,
    };
  }

  let lastCamera = '';
  let cameraChanges = 0;

  function update(nextView: CallView, local: LocalMediaView): void {
    if (nextView.kind !== 'inCall') return;
    noCamera.setCamera(local.camera);
    // Only another device counts as a change of device; a camera that was off is the same one.
    if (local.camera !== null && lastCamera !== deviceOf(local.camera)) {
      if (lastCamera !== '') cameraChanges += 1;
      lastCamera = deviceOf(local.camera);
    }
    for (const [id, capture] of people) {
      if (nextView.people.some((person) => person.participant.id === id)) continue;
      people.delete(id);
      const end = capture.end('left');
      leaving.add(end);
      void end.then(() => leaving.delete(end));
    }
    for (const person of nextView.people) {
      const { id } = person.participant;
      let capture = people.get(id);
      if (capture === undefined) {
        capture = createPersonCapture(whole, id);
        people.set(id, capture);
      }
      capture.update(sourcesOf(person, local));
    }
    mix?.update(mixSources(nextView.people, local));
  }

  // People first: their sound and picture cannot be had again, the mix can be made from them.
  let mix: ReturnType<typeof createMixCapture> | null = null;
  update(view, own);
  if (context.plan.recordMix) mix = createMixCapture(whole, view.kind === 'inCall' ? mixSources(view.people, own) : []);

  return {
    update,
    async end(reason) {
      const ends = [...people.values()].map((capture) => capture.end(reason));
      await Promise.allSettled([...leaving, ...ends, mix?.end(reason)]);
      noCamera.stop();
      sender.close();
    },
  };
}

function mixSources(people: readonly PersonView[], own: LocalMediaView): MixSource[] {
  return people.map(({ participant, isSelf, stream }) => {
    const camera = isSelf ? own.camera : (stream?.getVideoTracks()[0] ?? null);
    const microphone = isSelf ? own.microphone : (stream?.getAudioTracks()[0] ?? null);
    return { id: participant.id, name: participant.name, camera: participant.cameraOn ? camera : null, microphone };
  });
}

function deviceOf(track: MediaStreamTrack | null): string {
  return track === null ? '' : (track.getSettings().deviceId ?? '');
}
