import type { Settings } from '../../contract/settings.ts';
import type { Clock, Ids, Scheduler } from '../recording/ports.ts';
import type { Recordings } from '../recording/recordings.ts';
import type { CloudSetup } from './cloud-setup.ts';
import type { Secrets } from './secrets.ts';

/** The settings that say what goes to the bucket, and when. */
export type UploadSettings = Pick<
  Settings,
  'cloudPrefix' | 'cloudWhat' | 'cloudAutomatic' | 'cloudCapBytesPerSecond' | 'cloudPauseInCall'
>;

/** What the app is busy with that uploads must not disturb. */
export type Activity = {
  /** A recording that runs counts before the call that it belongs to. */
  now: () => 'recording' | 'call' | null;
  /** Called after each change. */
  subscribe: (listener: () => void) => () => void;
};

export type CloudPorts = {
  recordings: Pick<Recordings, 'get' | 'list' | 'withOpen' | 'subscribe' | 'announce' | 'settled'>;
  setup: CloudSetup;
  secrets: Secrets;
  settings: { get: () => UploadSettings; subscribe: (listener: () => void) => () => void };
  clock: Clock;
  scheduler: Scheduler;
  ids: Ids;
  /** In [0, 1). */
  random: () => number;
  /** Whether somebody answers at this address; never rejects. */
  reachable: (address: { host: string; port: number }) => Promise<boolean>;
  activity: Activity;
  /** Told of what went wrong and has no person to tell. */
  onFault: (error: unknown, doing: string) => void;
};

export type CloudConfig = {
  /** Size of parts where the file and the server do not ask for larger ones. */
  partBytes?: number;
};
