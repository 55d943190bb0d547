import { onFirstFrame } from './first-frame.ts';
import { createListeners } from './listeners.ts';
import { reduceCall } from './call-state.ts';
import { watchQuality } from './quality-watch.ts';
import type { Call, CallEndReason } from '../../contract/call.ts';
import type { ErrorShape } from '../../contract/errors.ts';
import type { Settings } from '../../contract/settings.ts';
import type { AppClient } from '../app-client.ts';
import type { CallSession, CallView } from './call-view.ts';
import type { CallStateEvent } from './call-state.ts';
import type { DeviceProblem } from './device-problem.ts';
import type { LocalMedia } from './local-media.ts';
import type { SendLimits, Transport, TransportEvent } from './transport.ts';

export type CallSessionPorts = {
  client: AppClient;
  localMedia: LocalMedia;
  createTransport: (call: Call, limits: SendLimits) => Transport;
  /** Monotonic clock, milliseconds. */
  nowMs: () => number;
};

const PROBLEM_WORDS: Record<DeviceProblem, string> = {
  DEVICE_MISSING: 'No such device is connected.',
  DEVICE_BUSY: 'Another program is using the device.',
  DEVICE_BLOCKED: 'The system does not let this app use the device.',
};

/** Follows main's word on the call and does the media work for it: devices, links, what is sent and what arrives. */
export function createCallSession({ client, localMedia, createTransport, nowMs }: CallSessionPorts): CallSession {
  const listeners = createListeners<undefined>();
  let view: CallView = { kind: 'idle', lastEnd: null };
  let transport: { of: string; media: Transport; stop(): void } | null = null;
  let limits: SendLimits = { videoBitsPerSecond: 2_000_000, audioBitsPerSecond: 128_000 };
  let heardOfCall = false;
  let told: { microphoneOn: boolean; cameraOn: boolean } | null = null;
  let wanted = { microphoneOn: false, cameraOn: false };
  let ownPicture: { track: MediaStreamTrack; stream: MediaStream } | null = null;
  let measuredFromMs: number | null = null;
  let stopFirstFrame: (() => void) | null = null;

  function dispatch(event: CallStateEvent): void {
    const next = reduceCall(view, event);
    if (next === view) return;
    view = next;
    listeners.tell(undefined);
  }

  function applyCall(call: Call | null, reason: CallEndReason | null): void {
    heardOfCall = true;
    if (call === null) {
      // A stale word from before the button was pressed must not undo the entering.
      if (view.kind === 'inCall') leaveMedia(reason);
      return;
    }
    const entering = view.kind !== 'inCall' || view.call.id !== call.id;
    if (entering) {
      const self = call.participants.find((person) => person.id === call.selfId);
      wanted = { microphoneOn: self?.microphoneOn ?? false, cameraOn: self?.cameraOn ?? false };
      told = { ...wanted };
      void localMedia.setMicrophone(wanted.microphoneOn);
      void localMedia.setCamera(wanted.cameraOn);
    }
    dispatch({ kind: 'callChanged', call });
    // The time a person waits for a picture begins when there is somebody to see.
    if (measuredFromMs === null && call.participants.length > 1) measuredFromMs = nowMs();
    ensureTransport(call).setPeople(call.participants);
    if (entering) devicesChanged();
  }

  function ensureTransport(call: Call): Transport {
    const { ticket } = call;
    const of = JSON.stringify([call.id, call.selfId, ticket]);
    if (transport?.of === of) return transport.media;
    closeTransport();
    const media = createTransport(call, limits);
    const stops = [
      media.subscribe(onTransport),
      watchQuality({
        measure: () => media.measure(),
        report: (links) => client.request('call.reportQuality', { links }),
      }),
    ];
    transport = {
      of,
      media,
      stop: () => {
        for (const stop of stops) stop();
      },
    };
    publishDevices();
    return media;
  }

  function closeTransport(): void {
    transport?.stop();
    transport?.media.close();
    transport = null;
    stopFirstFrame?.();
    stopFirstFrame = null;
  }

  function onTransport(event: TransportEvent): void {
    if (event.kind === 'link') {
      dispatch({ kind: 'linkChanged', participantId: event.participantId, state: event.state });
      return;
    }
    const { participantId, media } = event;
    dispatch({ kind: 'mediaChanged', participantId, stream: media?.stream ?? null });
    if (media === null || view.kind !== 'inCall' || view.joinToFirstFrameMs !== null || stopFirstFrame !== null) return;
    stopFirstFrame = onFirstFrame(media.video, (atMs) => {
      dispatch({ kind: 'firstFrame', elapsedMs: atMs - (measuredFromMs ?? atMs) });
    });
  }

  function publishDevices(): void {
    const { camera, microphone } = localMedia.getView();
    const media = transport?.media;
    if (media === undefined) return;
    if (camera === null) media.unpublish('video');
    else media.publish('video', camera);
    if (microphone === null) media.unpublish('audio');
    else media.publish('audio', microphone);
  }

  function devicesChanged(): void {
    if (view.kind !== 'inCall') return;
    const { camera, cameraError, microphoneError } = localMedia.getView();
    if (camera === null) ownPicture = null;
    else if (ownPicture?.track !== camera) ownPicture = { track: camera, stream: new MediaStream([camera]) };
    publishDevices();
    const state = {
      microphoneOn: wanted.microphoneOn && microphoneError === null,
      cameraOn: wanted.cameraOn && cameraError === null,
    };
    const problem = cameraError ?? microphoneError;
    dispatch({ kind: 'devicesChanged', ...state, problem: problemShape(problem), stream: ownPicture?.stream ?? null });
    if (told?.microphoneOn === state.microphoneOn && told.cameraOn === state.cameraOn) return;
    told = state;
    // When the server is away, main tells it again after the reconnect.
    void client.request('call.setMedia', state).catch(() => undefined);
  }

  function leaveMedia(reason: CallEndReason | null): void {
    closeTransport();
    told = null;
    ownPicture = null;
    measuredFromMs = null;
    dispatch({ kind: 'callOver', reason });
  }

  async function enter(request: () => Promise<Call>, others: boolean): Promise<void> {
    dispatch({ kind: 'enterPressed' });
    measuredFromMs = others ? nowMs() : null;
    try {
      applyCall(await request(), null);
    } catch (error) {
      dispatch({ kind: 'enterFailed' });
      throw error;
    }
  }

  async function readSnapshot(): Promise<void> {
    const { call } = await client.request('call.current', {}).catch(() => ({ call: null }));
    if (!heardOfCall && call !== null) applyCall(call, null);
  }

  function useSettings({ videoBitsPerSecond, audioBitsPerSecond }: Settings): void {
    limits = { videoBitsPerSecond, audioBitsPerSecond };
    transport?.media.setLimits(limits);
  }

  const undo = [
    client.on('call.changed', ({ call, endReason }) => applyCall(call, endReason)),
    client.on('settings.changed', useSettings),
    localMedia.subscribe(devicesChanged),
  ];
  // Snapshot after subscribing: whatever an event said meanwhile is newer.
  void readSnapshot();
  client.request('settings.get', {}).then(useSettings, () => undefined);

  return {
    getView: () => view,
    subscribe: (listener) => listeners.add(listener),
    create: (input) => enter(() => client.request('call.create', input), false),
    join: (input) => enter(() => client.request('call.join', input), true),
    async setMicrophone(on) {
      wanted.microphoneOn = on;
      await localMedia.setMicrophone(on);
      devicesChanged();
    },
    async setCamera(on) {
      wanted.cameraOn = on;
      await localMedia.setCamera(on);
      devicesChanged();
    },
    async chooseDevices({ cameraId, microphoneId }) {
      await Promise.all([localMedia.chooseCamera(cameraId), localMedia.chooseMicrophone(microphoneId)]);
    },
    async leave() {
      await client.request('call.leave', {});
    },
    async end() {
      await client.request('call.end', {});
    },
    levelOf(participantId) {
      if (view.kind !== 'inCall') return 0;
      return participantId === view.call.selfId
        ? localMedia.microphoneLevel()
        : (transport?.media.levelOf(participantId) ?? 0);
    },
    dispose() {
      for (const end of undo) end();
      closeTransport();
      listeners.clear();
    },
  };
}

function problemShape(problem: DeviceProblem | null): ErrorShape | null {
  return problem === null ? null : { code: problem, message: PROBLEM_WORDS[problem], retryable: true };
}
