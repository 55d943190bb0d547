import { createCallSession } from './call/session.ts';
import { createCaptureService } from './capture/capture-service.ts';
import { createLocalMedia } from './call/open-devices.ts';
import { createMesh } from './call/mesh.ts';
import type { AppClient } from './app-client.ts';
import type { CallSession } from './call/call-view.ts';
import type { LocalMedia } from './call/local-media.ts';

/** The live half of a window: devices, the call's media, and the capture of recordings. */
export type Engine = { media: LocalMedia; session: CallSession; dispose(): void };

/** Builds and wires the live half of this window: the only place that knows which transport is used. */
export function createEngine(client: AppClient): Engine {
  const audioContext = new AudioContext();
  const media = createLocalMedia({
    devices: navigator.mediaDevices,
    audioContext,
    logicalCores: navigator.hardwareConcurrency,
  });
  const session = createCallSession({
    client,
    localMedia: media,
    createTransport: ({ ticket, selfId }, limits) => createMesh({ ticket, selfId, audioContext, limits }),
    nowMs: () => performance.now(),
  });
  const capture = createCaptureService({ client, session, localMedia: media, audioContext });
  return {
    media,
    session,
    dispose() {
      capture.dispose();
      session.dispose();
      media.dispose();
      void audioContext.close();
    },
  };
}
