import { cameraConstraints, microphoneConstraints } from './capture-constraints.ts';
import { deviceProblemOf } from './device-problem.ts';
import { meterTrack } from './level-meter.ts';
import { createListeners } from './listeners.ts';
import type { DeviceProblem } from './device-problem.ts';
import type { LevelMeter } from './level-meter.ts';
import type { LocalMedia, LocalMediaView } from './local-media.ts';

export type OpenDevicesPorts = {
  devices: MediaDevices;
  audioContext: AudioContext;
  logicalCores: number;
};

type Slot = {
  wanted: boolean;
  deviceId: string;
  track: MediaStreamTrack | null;
  problem: DeviceProblem | null;
  /** The device choice that the open track was asked for. */
  openedFor: string | null;
  /** Openings and closings of one device run one after the other. */
  queue: Promise<void>;
};

const emptySlot = (): Slot => ({
  wanted: false,
  deviceId: '',
  track: null,
  problem: null,
  openedFor: null,
  queue: Promise.resolve(),
});

/** Owns the one open camera and microphone; what goes wrong is in the view, never thrown. */
export function createLocalMedia({ devices, audioContext, logicalCores }: OpenDevicesPorts): LocalMedia {
  const slots = { video: emptySlot(), audio: emptySlot() };
  const listeners = createListeners<undefined>();
  let known: LocalMediaView['devices'] = { cameras: [], microphones: [], speakers: [] };
  let meter: LevelMeter | null = null;
  let view = makeView();
  let disposed = false;

  function makeView(): LocalMediaView {
    return {
      camera: slots.video.track,
      microphone: slots.audio.track,
      cameraError: slots.video.problem,
      microphoneError: slots.audio.problem,
      devices: known,
    };
  }

  function changed(): void {
    view = makeView();
    listeners.tell(undefined);
  }

  async function refreshDevices(): Promise<void> {
    const all = await devices.enumerateDevices().catch(() => []);
    if (disposed) return;
    const ofKind = (kind: MediaDeviceKind): MediaDeviceInfo[] => all.filter((device) => device.kind === kind);
    known = { cameras: ofKind('videoinput'), microphones: ofKind('audioinput'), speakers: ofKind('audiooutput') };
    changed();
  }

  function setTrack(kind: 'audio' | 'video', track: MediaStreamTrack | null): void {
    const slot = slots[kind];
    slot.track = track;
    if (kind === 'audio') {
      meter?.stop();
      meter = track === null ? null : meterTrack(audioContext, track);
    }
    track?.addEventListener('ended', () => {
      // Only for a track that ended by itself: our own stop() fires no event. The device was unplugged or taken away.
      if (slot.track !== track) return;
      slot.problem = 'DEVICE_MISSING';
      setTrack(kind, null);
      changed();
    });
  }

  async function open(kind: 'audio' | 'video'): Promise<void> {
    const slot = slots[kind];
    const wantedId = slot.deviceId;
    try {
      const stream = await devices.getUserMedia(
        kind === 'video'
          ? { video: cameraConstraints(wantedId, logicalCores) }
          : { audio: microphoneConstraints(wantedId) },
      );
      const [track] = stream.getTracks();
      if (track === undefined) throw new DOMException('The stream has no track.', 'NotReadableError');
      if (disposed) {
        track.stop();
        return;
      }
      const before = slot.track;
      slot.problem = null;
      slot.openedFor = wantedId;
      setTrack(kind, track);
      changed();
      before?.stop();
      // Device names are known only after the first permission.
      await refreshDevices();
    } catch (error) {
      slot.problem = deviceProblemOf(error);
      changed();
    }
  }

  /** Brings one device to what is wanted of it by now. */
  async function reconcile(kind: 'audio' | 'video'): Promise<void> {
    const slot = slots[kind];
    if (disposed) return;
    if (kind === 'audio' && slot.track !== null && slot.openedFor === slot.deviceId) {
      // A muted microphone stays open: silence keeps flowing, and speaking again starts without a gap.
      slot.track.enabled = slot.wanted;
      changed();
      return;
    }
    if (!slot.wanted) {
      const before = slot.track;
      slot.problem = null;
      slot.openedFor = null;
      setTrack(kind, null);
      changed();
      before?.stop();
      return;
    }
    if (slot.track !== null && slot.openedFor === slot.deviceId) return;
    await open(kind);
    const opened = slots[kind].track;
    if (kind === 'audio' && opened !== null) opened.enabled = slot.wanted;
  }

  function apply(kind: 'audio' | 'video', change: Partial<Pick<Slot, 'wanted' | 'deviceId'>>): Promise<void> {
    const slot = slots[kind];
    Object.assign(slot, change);
    slot.queue = slot.queue.then(() => reconcile(kind));
    return slot.queue;
  }

  function onDeviceChange(): void {
    void refreshDevices();
    // A device that was missing may have been plugged in.
    for (const kind of ['audio', 'video'] as const) {
      if (slots[kind].wanted && slots[kind].track === null) void apply(kind, {});
    }
  }

  devices.addEventListener('devicechange', onDeviceChange);
  void refreshDevices();

  return {
    getView: () => view,
    subscribe: (listener) => listeners.add(listener),
    setCamera: (on) => apply('video', { wanted: on }),
    setMicrophone: (on) => apply('audio', { wanted: on }),
    chooseCamera: (deviceId) => apply('video', { deviceId }),
    chooseMicrophone: (deviceId) => apply('audio', { deviceId }),
    microphoneLevel: () => meter?.level() ?? 0,
    dispose() {
      disposed = true;
      devices.removeEventListener('devicechange', onDeviceChange);
      listeners.clear();
      meter?.stop();
      for (const slot of Object.values(slots)) slot.track?.stop();
    },
  };
}
