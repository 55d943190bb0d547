import { createRecordingCapture } from './recording-capture.ts';
import { warmMixWorker } from './mix-compositor.ts';
import { recordingToCapture } from './recording-to-capture.ts';
import type { RecordingEvent } from '../../contract/recording.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { AppClient } from '../app-client.ts';
import type { CallSession, CallView } from '../call/call-view.ts';
import type { LocalMedia } from '../call/local-media.ts';
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
  /** Recordings that were seen to stop: late news of them must not start anything. */
  const stopped = new Set<string>();
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

  function endCurrent(): void {
    const ending = current;
    current = null;
    void ending?.capture?.end();
  }

  function look(): void {
    if (disposed) return;
    const view = session.getView();
    keepWarm(view);
    const wanted = recordingToCapture(view, stopped);
    if (current !== null && (view.kind !== 'inCall' || (wanted !== null && wanted !== current.recordingId)))
      endCurrent();
    if (current === null) {
      if (wanted !== null && view.kind === 'inCall' && view.call.recording !== null) {
        void attach(view.call.recording.recordingId);
      }
      return;
    }
    current.capture?.update(view, localMedia.getView());
  }

  function onEvent(event: RecordingEvent): void {
    if (event.type === 'recordingStarted') {
      const view = session.getView();
      const { id, callId } = event.recording;
      // The room's word comes right behind, but every moment before it would be missing from the files.
      const ours = view.kind === 'inCall' && view.call.role === 'host' && view.call.id === callId;
      if (ours && current === null && !stopped.has(id)) void attach(id);
    } else if (
      event.type === 'recordingStopping' ||
      event.type === 'recordingProcessing' ||
      event.type === 'recordingFailed'
    ) {
      stopped.add(event.recording.id);
      if (current?.recordingId === event.recording.id) endCurrent();
    }
  }

  const undo = [client.on('recording.event', onEvent), session.subscribe(look), localMedia.subscribe(look)];
  look();
  return {
    dispose() {
      disposed = true;
      clearTimeout(again);
      warmWorker?.terminate();
      for (const end of undo) end();
      endCurrent();
    },
  };
}
