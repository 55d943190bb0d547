import type { Lane, SegmentEndReason } from '../../contract/recording.ts';
import type { TrackId } from '../../contract/ids.ts';
import type { CaptureContext } from './capture-context.ts';
import type { LaneSender } from './chunk-sender.ts';

/** What one recorder of a segment records. */
export type LaneSource = {
  lane: Lane;
  tracks: MediaStreamTrack[];
  options: MediaRecorderOptions;
  /**
   * Frames flow from the start, so the lane begins with its recorder. An encoding recorder says 'start' only when its
   * encoder has warmed up, up to 200 ms later on a busy machine; one that passes frames through says it at the first.
   */
  flowing: boolean;
};

/**
 * A segment that ends waits for its last chunks as long as they are acknowledged, and this long when nothing is: a sender that is
 * stuck must not keep a recording from stopping. Main was handed eight chunks of a lane by then (LANE_CREDITS) and writes those
 * it took in any case. Main itself waits as long after Stop (CAPTURE_CLOSE_LIMIT_MS in main/recording/limits.ts).
 */
const DRAIN_STALL_LIMIT_MS = 2_000;

/** One run of a source's recorders = one segment = one file. */
export type SegmentRun = {
  /** Stops the recorders, waits until their last bytes are on the disk and closes the segment; later calls join the first. */
  end(reason: SegmentEndReason): Promise<void>;
  /** Tells main whether silence of a lane is as it should be; repeated words are not sent. */
  expect(lane: Lane, expecting: boolean): void;
};

type LaneRun = { lane: Lane; flowing: boolean; recorder: MediaRecorder; sender: LaneSender; stopped: Promise<void> };

/**
 * Starts one recorder per lane at the same instant, then opens the segment with that instant: what the recorders give
 * meanwhile waits. `onBroken` is told once when the run cannot go on by itself.
 */
export function startSegmentRun(
  context: CaptureContext,
  track: Promise<TrackId>,
  sources: readonly LaneSource[],
  onBroken: (reason: SegmentEndReason) => void,
): SegmentRun {
  const { client, recordingId, sender, plan } = context;
  let ending: Promise<void> | null = null;
  let told = false;
  const expectations = new Map<Lane, boolean>();

  const broken = (reason: SegmentEndReason): void => {
    if (told || ending !== null) return;
    told = true;
    onBroken(reason);
  };

  const lanes = sources.map(({ lane, tracks, options, flowing }): LaneRun => {
    const laneSender = sender.openLane(lane, (trouble) =>
      broken(trouble === 'overflow' ? 'overflow' : 'sourceChanged'),
    );
    const recorder = new MediaRecorder(new MediaStream(tracks), options);
    if (!flowing) recorder.addEventListener('start', () => laneSender.begun(context.clockMs()));
    recorder.addEventListener('dataavailable', ({ data }) => laneSender.push(data, context.clockMs()));
    const stopped = new Promise<void>((resolve) => {
      recorder.addEventListener('stop', () => {
        resolve();
        broken('sourceChanged');
      });
    });
    // An error is followed by 'stop' (https://www.w3.org/TR/mediastream-recording/#error-handling).
    return { lane, flowing, recorder, sender: laneSender, stopped };
  });
  const startedAtMs = context.clockMs();
  for (const lane of lanes) if (lane.flowing) lane.sender.begun(startedAtMs);
  for (const { recorder } of lanes) recorder.start(plan.timesliceMs);

  const opened = (async () => {
    const trackId = await track;
    const { segment } = await client.request('recording.openSegment', {
      recordingId,
      trackId,
      lanes: lanes.map(({ lane }) => lane),
      atMs: startedAtMs,
    });
    for (const lane of lanes) lane.sender.setAddress({ recordingId, trackId, segment });
    return { trackId, segment };
  })();
  opened.catch(() => broken('sourceChanged'));

  async function finish(reason: SegmentEndReason): Promise<void> {
    for (const { recorder } of lanes) if (recorder.state !== 'inactive') recorder.stop();
    await Promise.all(lanes.map(({ stopped }) => stopped));
    try {
      const address = await opened;
      await Promise.all(lanes.map(({ sender: own }) => own.handedOver()));
      // Nothing more comes: without this word each lane's last frames would wait for what the others might still bring.
      for (const { lane } of lanes) {
        const input = { recordingId, trackId: address.trackId, lane, expecting: false };
        client.request('recording.expect', input).catch(() => undefined);
      }
      await Promise.all(lanes.map((lane) => lane.sender.drained(DRAIN_STALL_LIMIT_MS)));
      await client.request('recording.closeSegment', { recordingId, ...address, reason });
    } finally {
      for (const lane of lanes) lane.sender.close();
    }
  }

  return {
    end(reason) {
      // A segment that could not be opened or closed is main's to report: it saw the refusal first.
      ending ??= finish(reason).catch(() => undefined);
      return ending;
    },
    expect(lane, expecting) {
      if ((expectations.get(lane) ?? true) === expecting) return;
      expectations.set(lane, expecting);
      opened
        .then(({ trackId }) => client.request('recording.expect', { recordingId, trackId, lane, expecting }))
        .catch(() => undefined);
    },
  };
}
