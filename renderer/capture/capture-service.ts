import { hearRecordingEvent } from './capture-news.ts';
import { createRecordingCapture } from './recording-capture.ts';
import { warmMixWorker } from './mix-compositor.ts';
import { recordingToCapture } from './recording-to-capture.ts';
import type { RecordingEvent, SegmentEndReason } from '../../contract/recording.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { AppClient } from '../app-client.ts';
import type { CallSession, CallView } from '../call/call-view.ts';
import type { LocalMedia } from '../call/local-media.ts';
import type { Quiet } from './capture-news.ts';
import type { RecordingCapture } from './recording-capture.ts';

export type CaptureServicePorts = {
  client: AppClient;
  session: Pick<CallSession, 'getView' | 'subscribe'>;
  localMedia: Pick<LocalMedia, 'getView' | 'subscribe'>;
  audioContext: AudioContext;
};

/** Captures whatever recording of this window's call main says is running; only the host's window does. */
export type CaptureService = { dispose(): void };

const ATTACH_AGAIN_MS = 500;

/** Starts following main's word on recordings. */
export function createCaptureService({
  client,
  session,
  localMedia,
  audioContext,
}: CaptureServicePorts): CaptureService {
  /** Recordings that were heard to pause or stop: late news of them must not start anything. */
  let quiet: Quiet = new Map();
  let current: { recordingId: RecordingId; capture: RecordingCapture | null } | null = null;
  let warmWorker: Worker | null = null;
  let again: ReturnType<typeof setTimeout> | undefined;
  let disposed = false;

  // Same origin as main's answer `zeroClockMs`: this window's own monotonic clock, made comparable across its reloads.
  const clockMs = (): number => performance.timeOrigin + performance.now();

  async function attach(recordingId: RecordingId): Promise<void> {
    const mine: NonNullable<typeof current> = { recordingId, capture: null };
    current = mine;
    try {
      const { zeroClockMs, plan } = await client.request('recording.attach', { recordingId, clockMs: clockMs() });
      if (current !== mine || disposed) return;
      mine.capture = createRecordingCapture(
        {
          client,
          recordingId,
          plan,
          audioContext,
          mixWorker: takeWarmWorker(),
          clockMs: () => Math.max(0, clockMs() - zeroClockMs),
        },
        session.getView(),
        localMedia.getView(),
      );
    } catch {
      if (current === mine) current = null;
      clearTimeout(again);
      again = setTimeout(look, ATTACH_AGAIN_MS);
    }
  }

  function takeWarmWorker(): Worker {
    const worker = warmWorker ?? warmMixWorker();
    warmWorker = null;
    return worker;
  }

  /** A host may press Record any moment: the worker of the mix is loaded while nothing is recorded. */
  function keepWarm(view: CallView): void {
    const mayRecord = view.kind === 'inCall' && view.call.role === 'host';
    if (mayRecord && current === null) warmWorker ??= warmMixWorker();
    if (mayRecord || warmWorker === null) return;
    warmWorker.terminate();
    warmWorker = null;
  }

  function endCurrent(reason: SegmentEndReason): void {
    const ending = current;
    current = null;
    void ending?.capture?.end(reason);
  }

  function look(): void {
    if (disposed) return;
    const view = session.getView();
    keepWarm(view);
    const wanted = recordingToCapture(view, quiet);
    if (current !== null && (view.kind !== 'inCall' || (wanted !== null && wanted !== current.recordingId))) {
      endCurrent('stopped');
    }
    if (current === null) {
      if (wanted !== null && view.kind === 'inCall' && view.call.recording !== null) {
        void attach(view.call.recording.recordingId);
      }
      return;
    }
    current.capture?.update(view, localMedia.getView());
  }

  function onEvent(event: RecordingEvent): void {
    const heard = hearRecordingEvent(quiet, event);
    quiet = heard.quiet;
    const { act } = heard;
    if (act.kind === 'none' || !('recording' in event)) return;
    if (act.kind === 'begin') {
      const view = session.getView();
      // The room's word comes right behind, but every moment before it would be missing from the files.
      const ours = view.kind === 'inCall' && view.call.role === 'host' && view.call.id === event.recording.callId;
      // After a pause too: the recording's clock stood, so main has to say anew where it is.
      if (ours && current === null) void attach(act.recordingId);
      return;
    }
    if (current?.recordingId !== act.recordingId) return;
    endCurrent(quiet.get(act.recordingId) ?? 'stopped');
    // The next worker of the mix is loaded now, so that the mix goes on with its recording.
    look();
  }

  const undo = [client.on('recording.event', onEvent), session.subscribe(look), localMedia.subscribe(look)];
  look();
  return {
    dispose() {
      disposed = true;
      clearTimeout(again);
      warmWorker?.terminate();
      for (const end of undo) end();
      endCurrent('stopped');
    },
  };
}
