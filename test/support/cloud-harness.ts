import type { Destination } from '../../contract/cloud.ts';
import type { RecordingEvent } from '../../contract/recording.ts';
import { DEFAULT_SETTINGS } from '../../contract/settings.ts';
import type { Cloud } from '../../main/cloud/cloud.ts';
import type { Activity, UploadSettings } from '../../main/cloud/cloud-ports.ts';
import { createCloud } from '../../main/cloud/cloud-service.ts';
import type { CloudSetup } from '../../main/cloud/cloud-setup.ts';
import type { CloudTarget } from '../../main/cloud/cloud-target.ts';
import type { Secrets } from '../../main/cloud/secrets.ts';
import { nodeClock, nodeIds, nodeScheduler } from '../../main/recording/node-clock.ts';
import type { Clock, Scheduler } from '../../main/recording/ports.ts';
import type { Recordings } from '../../main/recording/recordings.ts';

export const BUCKET: Destination = {
  provider: 's3',
  bucket: 'mine',
  region: '',
  endpoint: 'http://bucket',
  pathStyle: true,
};

/** What a test may change while uploads run. */
export type CloudControls = {
  destination: Destination | null;
  settings: UploadSettings;
  doing: ReturnType<Activity['now']>;
  reachable: boolean;
  openTarget: () => Promise<CloudTarget>;
  setUpChanged: () => void;
  settingsChanged: () => void;
  activityChanged: () => void;
};

export type CloudHarness = {
  cloud: Cloud;
  controls: CloudControls;
  faults: unknown[];
  /** Resolves with the first event that passes, from now on. */
  until: (passes: (event: RecordingEvent) => boolean) => Promise<RecordingEvent>;
};

/** Secrets that live as long as the object: as on a disk, when it is handed to the next start. */
export function memorySecrets(): Secrets & { all: Map<string, string> } {
  const all = new Map<string, string>();
  return {
    all,
    protection: async () => 'encrypted',
    get: async (name) => all.get(name) ?? null,
    set: async (name, value) => {
      all.set(name, value);
      return 'encrypted';
    },
    remove: async (name) => void all.delete(name),
    keptHow: async (name) => (all.has(name) ? 'encrypted' : null),
    names: async () => [...all.keys()],
    unprotectedAllowed: () => false,
    allowUnprotected: async () => undefined,
  };
}

/** The cloud service over real recordings with a bucket of the test's choice; waits between tries take no time. */
export function makeCloud(options: {
  recordings: Recordings;
  openTarget: () => Promise<CloudTarget>;
  secrets?: Secrets;
  settings?: Partial<UploadSettings>;
  partBytes?: number;
  clock?: Clock;
  scheduler?: Scheduler;
  random?: () => number;
}): CloudHarness {
  const setUpListeners = new Set<() => void>();
  const settingsListeners = new Set<() => void>();
  const activityListeners = new Set<() => void>();
  const faults: unknown[] = [];
  const controls: CloudControls = {
    destination: BUCKET,
    settings: { ...DEFAULT_SETTINGS, cloudPrefix: 'calls', cloudAutomatic: false, ...options.settings },
    doing: null,
    reachable: true,
    openTarget: options.openTarget,
    setUpChanged: () => callAll(setUpListeners),
    settingsChanged: () => callAll(settingsListeners),
    activityChanged: () => callAll(activityListeners),
  };
  const setup: CloudSetup = {
    destination: () => controls.destination,
    openTarget: () => controls.openTarget(),
    facts: async () => ({ ready: true, credentials: { kind: 'none' }, protection: null, unprotectedAllowed: false }),
    setCredentials: async () => undefined,
    forgetCredentials: async () => undefined,
    allowUnprotected: async () => undefined,
    test: async () => ({ kind: 'works', tookMs: 1 }),
    subscribe: (listener) => subscribeTo(setUpListeners, listener),
  };
  const cloud = createCloud(
    {
      recordings: options.recordings,
      setup,
      secrets: options.secrets ?? memorySecrets(),
      settings: {
        get: () => controls.settings,
        subscribe: (listener) => subscribeTo(settingsListeners, listener),
      },
      clock: options.clock ?? nodeClock,
      scheduler: options.scheduler ?? nodeScheduler,
      ids: nodeIds,
      random: options.random ?? (() => 0),
      reachable: async () => controls.reachable,
      activity: { now: () => controls.doing, subscribe: (listener) => subscribeTo(activityListeners, listener) },
      onFault: (error) => faults.push(error),
    },
    { partBytes: options.partBytes ?? 64 * 1024 },
  );
  return {
    cloud,
    controls,
    faults,
    until: (passes) =>
      new Promise((resolve) => {
        const undo = options.recordings.subscribe((event) => {
          if (!passes(event)) return;
          undo();
          resolve(event);
        });
      }),
  };
}

function callAll(listeners: ReadonlySet<() => void>): void {
  for (const listener of listeners) listener();
}

function subscribeTo(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
