import type { Bridge } from '../../contract/bridge.ts';
import { createAppClient } from '../app-client.ts';
import { createMesh } from '../call/mesh.ts';
import { createLocalMedia } from '../call/open-devices.ts';
import { createCallSession } from '../call/session.ts';
import { createCaptureService } from '../capture/capture-service.ts';
import { createCallQualityStore } from './call-quality-store.ts';
import { createCloudStore } from './cloud-store.ts';
import { createControlStore } from './control-store.ts';
import { createEnvironmentStore } from './environment-store.ts';
import { createMarkersStore } from './markers-store.ts';
import { createRecordingsStore } from './recordings-store.ts';
import { createRetentionStore } from './retention-store.ts';
import type { Services } from './services.ts';
import { createSettingsStore } from './settings-store.ts';

/** Builds everything that lives as long as the window, and begins to read what main knows. */
export function createServices(bridge: Bridge): Services {
  const client = createAppClient(bridge);
  const settings = createSettingsStore(client);
  const environment = createEnvironmentStore(client);
  const recordings = createRecordingsStore(client);
  const markers = createMarkersStore(client);
  const cloud = createCloudStore(client);
  const control = createControlStore(client);
  const retention = createRetentionStore(client);
  const callQuality = createCallQualityStore(client);
  const audioContext = new AudioContext();
  const media = createLocalMedia({
    devices: navigator.mediaDevices,
    audioContext,
    logicalCores: navigator.hardwareConcurrency,
  });
  const session = createCallSession({
    client,
    localMedia: media,
    createTransport: (call, limits) => createMesh({ ticket: call.ticket, selfId: call.selfId, audioContext, limits }),
    nowMs: () => performance.now(),
  });
  createCaptureService({ client, session, localMedia: media, audioContext });
  // Each keeps its own failure in its view, where a screen offers to try again.
  void settings.load();
  void environment.load();
  void recordings.load();
  void cloud.load();
  void control.load();
  void retention.load();
  return { client, session, media, settings, environment, recordings, markers, cloud, control, retention, callQuality };
}
