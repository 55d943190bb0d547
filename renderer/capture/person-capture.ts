import { decideRun, restartPause } from './run-decision.ts';
import { recorderOptions } from './recorder-options.ts';
import { startSegmentRun } from './segment-run.ts';
import type { ParticipantId, TrackId } from '../../contract/ids.ts';
import type { SegmentEndReason } from '../../contract/recording.ts';
import type { CaptureContext } from './capture-context.ts';
import type { RunSources } from './run-decision.ts';
import type { SegmentRun } from './segment-run.ts';

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
  let run: { segment: SegmentRun; sources: RunSources; startedAtMs: number } | null = null;
  let latest: PersonSources | null = null;
  let brokenRunsInARow = 0;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let pausing = false;
  let ended = false;
  /** Ends that are still on their way to the disk. */
  const ending = new Set<Promise<void>>();

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
    track ??= openTrack();
    const isTypeSupported = (mimeType: string): boolean => MediaRecorder.isTypeSupported(mimeType);
    const picture = sources.received ? 'receivedPicture' : 'ownPicture';
    const segment = startSegmentRun(
      context,
      track,
      [
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
      ],
      (reason) => broken(segment, reason),
    );
    run = { segment, sources: namesOf(sources), startedAtMs: context.clockMs() };
  }

  function endRun(reason: SegmentEndReason): void {
    if (run === null) return;
    const end = run.segment.end(reason);
    run = null;
    ending.add(end);
    void end.then(() => ending.delete(end));
  }

  function broken(segment: SegmentRun, reason: SegmentEndReason): void {
    if (run === null || run.segment !== segment) return;
    const decided = restartPause(brokenRunsInARow, context.clockMs() - run.startedAtMs);
    brokenRunsInARow = decided.brokenRunsInARow;
    endRun(reason);
    if (ended) return;
    pausing = true;
    clearTimeout(pause);
    void resumeAfter(decided.pauseMs, reason === 'overflow');
  }

  async function resumeAfter(pauseMs: number, overflown: boolean): Promise<void> {
    // The disk first has to take what waits: a new run would only overflow again.
    if (overflown) await Promise.allSettled(ending);
    if (ended) return;
    pause = setTimeout(() => {
      pausing = false;
      update(latest);
    }, pauseMs);
  }

  function update(sources: PersonSources | null): void {
    latest = sources;
    if (ended || pausing) return;
    const usable =
      sources !== null && sources.audio.readyState === 'live' && sources.video.readyState === 'live' ? sources : null;
    const decision = decideRun(run?.sources ?? null, usable === null ? null : namesOf(usable));
    switch (decision.kind) {
      case 'keep':
        break;
      case 'end':
        endRun('sourceChanged');
        break;
      case 'start':
      case 'restart':
        // The next run starts before the last one is on the disk: no moment is lost in between.
        endRun(decision.kind === 'restart' && decision.deviceChanged ? 'deviceChanged' : 'sourceChanged');
        if (usable !== null) start(usable);
        break;
      default:
        decision satisfies never;
    }
    if (usable !== null) run?.segment.expect('video', usable.cameraOn);
  }

  return {
    update,
    async end(reason) {
      ended = true;
      clearTimeout(pause);
      endRun(reason);
      await Promise.allSettled(ending);
    },
  };
}

function namesOf({ audio, video, deviceKey }: PersonSources): RunSources {
  return { audioId: audio.id, videoId: video.id, deviceKey };
}
