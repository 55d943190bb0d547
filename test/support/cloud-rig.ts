import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Destination } from '../../contract/cloud.ts';
import { DEFAULT_SETTINGS } from '../../contract/settings.ts';
import type { Settings } from '../../contract/settings.ts';
import { createCloud } from '../../main/cloud/cloud-service.ts';
import { createCloudSetup } from '../../main/cloud/cloud-setup.ts';
import type { Cloud } from '../../main/cloud/cloud.ts';
import { cloudOpeners } from '../../main/cloud/open-target.ts';
import { reachable } from '../../main/cloud/reachable.ts';
import { createSecrets, nodeSecretFiles } from '../../main/cloud/secret-store.ts';
import type { Vault } from '../../main/cloud/secrets.ts';
import type { Library } from '../../main/library/library.ts';
import { nodeClock, nodeIds, nodeScheduler } from '../../main/recording/node-clock.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import type { Recordings } from '../../main/recording/recording-service.ts';
import { createRetention } from '../../main/retention/retention-service.ts';
import { writeRetentionState } from '../../main/retention/retention-state.ts';
import { RADOSGW_KEYS } from './radosgw.ts';
import { openRealRecorder } from './real-recorder.ts';

/** Recordings and their uploads as the app runs them, without the rest of it. */
export type CloudRig = {
  recordings: Recordings;
  library: Library;
  cloud: Cloud;
  settings: Settings;
  /** Lets go from here whatever the policy "free space once verified" lets go; answers with how many recordings went. */
  retain: () => Promise<number>;
  close: () => Promise<void>;
};

/** A keyring that outlives its process, as a real one does; what it writes is protected from nobody. */
const vault: Vault = {
  protection: async () => 'encrypted',
  protect: async (plain) => Buffer.from(plain).toString('base64'),
  reveal: async (text) => ({ plain: Buffer.from(text, 'base64').toString(), stale: false }),
};

/** Opens both over `<folder>/recordings` and `<folder>/profile` and goes on with what an earlier one began. */
export async function openCloudRig(folder: string, destination: Destination): Promise<CloudRig> {
  const { provider, bucket, region, endpoint, pathStyle } = destination;
  const settings: Settings = {
    ...DEFAULT_SETTINGS,
    cloudProvider: provider,
    cloudBucket: bucket,
    cloudRegion: region,
    cloudEndpoint: endpoint,
    cloudPathStyle: pathStyle,
    cloudAutomatic: false,
    cloudCredentials: 'default',
  };
  const settingsStore = { get: () => settings, subscribe: () => () => undefined };
  const profile = join(folder, 'profile');
  await mkdir(profile, { recursive: true });
  const path = join(profile, 'secrets.json');
  const secrets = await createSecrets({ files: nodeSecretFiles, path, vault, log: { warn: quiet } });
  const setup = createCloudSetup({
    settings: settingsStore,
    secrets,
    // What opens the test's S3 server; that of Google's protocol asks for nothing.
    environmentCredentials: { kind: 's3Keys', ...RADOSGW_KEYS, sessionToken: null },
    openers: cloudOpeners,
    ports: {
      monotonicMs: nodeClock.monotonicMs,
      after: nodeScheduler.after,
      randomBytes: (count) => randomBytes(count),
      randomId: randomUUID,
    },
  });
  let cloud: Cloud | null = null;
  const { recordings, library } = openRealRecorder(folder, {
    view: (recording) => cloud?.view(recording) ?? recording,
  });
  const made = createCloud({
    recordings,
    setup,
    secrets,
    settings: settingsStore,
    clock: nodeClock,
    scheduler: nodeScheduler,
    ids: nodeIds,
    random: Math.random,
    reachable,
    activity: {
      now: () => (recordings.callRecording() === null ? null : 'recording'),
      subscribe: (listener) => recordings.subscribe(listener),
    },
    onFault: (error, doing) => complain({ err: error }, doing),
  });
  cloud = made;
  await recordings.recover();
  made.begin();
  return {
    recordings,
    library,
    cloud: made,
    settings,
    retain: async () => {
      const path = join(profile, 'retention.json');
      const nowMs = nodeClock.wallMs();
      // As of a start before this one: a first start lets nothing go.
      const clock = { lastSeenWallMs: nowMs, believedMs: nowMs };
      const nothing = { notices: new Map(), approved: new Set<never>(), binSeen: new Map() };
      await writeRetentionState(nodeFiles, nodeIds, path, { clock, ...nothing });
      const retention = createRetention(
        {
          recordings,
          files: nodeFiles,
          ids: nodeIds,
          clock: nodeClock,
          scheduler: nodeScheduler,
          confirmCopies: (recordingId) => made.confirm(recordingId),
          settings: { get: () => ({ ...settings, retentionPolicy: 'verified' }), subscribe: () => () => undefined },
          log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
        },
        { path },
      );
      const { deleted } = await retention.cleanUp({ maxAgeMs: 0 });
      await retention.close();
      return deleted.length;
    },
    close: async () => {
      await made.close(3_000);
      await recordings.close({ limitMs: 3_000 });
    },
  };
}

const quiet = (): void => undefined;

function complain(facts: object, message: string): void {
  process.stderr.write(`${message} ${'err' in facts ? String(facts.err) : JSON.stringify(facts)}\n`);
}
