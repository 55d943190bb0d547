import { decideRun } from './run-decision.ts';
import { recorderOptions } from './recorder-options.ts';
import { createRunSequence } from './run-sequence.ts';
import { startSegmentRun } from './segment-run.ts';
import type { ParticipantId, TrackId } from '../../contract/ids.ts';
import type { SegmentEndReason } from '../../contract/recording.ts';
import type { CaptureContext } from './capture-context.ts';
import type { RunSources } from './run-decision.ts';
import type { LaneSource } from './segment-run.ts';

/** What there is to record of a person now. */
export type PersonSources = {
  audio: MediaStreamTrack;
  video: MediaStreamTrack;
  /** Names the devices behind own tracks: another device is another segment. Empty for received tracks. */
  deviceKey: string;
  /** Received pictures are passed through; the own one is encoded here, once. */
  received: boolean;
  /** The picture is switched off at its source: its silence is no fault. */
  cameraOn: boolean;
};

/** Records one person: run after run, each with one recorder for sound and one for picture. */
export type PersonCapture = {
  /** Looks again at what is to be recorded; null while nothing arrives from the person. */
  update(sources: PersonSources | null): void;
  end(reason: SegmentEndReason): Promise<void>;
};

/** Starts capturing one person; nothing is recorded before the first `update`. */
export function createPersonCapture(context: CaptureContext, participantId: ParticipantId): PersonCapture {
  let track: Promise<TrackId> | null = null;
  let latest: PersonSources | null = null;
  /** What the last run records. */
  let recorded: RunSources | null = null;
  let ended = false;
  const runs = createRunSequence(context.clockMs, () => update(latest));

  function openTrack(): Promise<TrackId> {
    const opened = context.client
      .request('recording.openTrack', { recordingId: context.recordingId, participantId, source: 'camera' })
      .then(({ trackId }) => trackId);
    // Asked anew by the next run when main refused.
    opened.catch(() => {
      track = null;
    });
    return opened;
  }

  function start(sources: PersonSources): void {
    const isTypeSupported = (mimeType: string): boolean => MediaRecorder.isTypeSupported(mimeType);
    const picture = sources.received ? 'receivedPicture' : 'ownPicture';
    const lanes: LaneSource[] = [
      {
        lane: 'audio',
        tracks: [sources.audio],
        options: recorderOptions('sound', context.plan, isTypeSupported),
        flowing: true,
      },
      {
        lane: 'video',
        tracks: [sources.video],
        options: recorderOptions(picture, context.plan, isTypeSupported),
        flowing: !sources.received && sources.cameraOn,
      },
    ];
    track ??= openTrack();
    const opened = track;
    recorded = namesOf(sources);
    runs.start((lastIsClosed, onBroken) =>
      startSegmentRun(
        context,
        lastIsClosed.then(() => opened),
        lanes,
        onBroken,
      ),
    );
  }

  function update(sources: PersonSources | null): void {
    latest = sources;
    if (ended || runs.isPausing()) return;
    const usable =
      sources !== null && sources.audio.readyState === 'live' && sources.video.readyState === 'live' ? sources : null;
    const decision = decideRun(runs.current() === null ? null : recorded, usable === null ? null : namesOf(usable));
    switch (decision.kind) {
      case 'keep':
        break;
      case 'end':
        runs.endRun('sourceChanged');
        break;
      case 'start':
      case 'restart':
        // The next run starts before the last one is on the disk: no moment is lost in between.
        runs.endRun(decision.kind === 'restart' && decision.deviceChanged ? 'deviceChanged' : 'sourceChanged');
        if (usable !== null) start(usable);
        break;
      default:
        decision satisfies never;
    }
    if (usable !== null) runs.current()?.expect('video', usable.cameraOn);
  }

  return {
    update,
    async end(reason) {
      ended = true;
      await runs.end(reason);
    },
  };
}

function namesOf({ audio, video, deviceKey }: PersonSources): RunSources {
  return { audioId: audio.id, videoId: video.id, deviceKey };
}
