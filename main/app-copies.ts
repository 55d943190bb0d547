import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createActivity } from './app-activity.ts';
import type { Calls } from './calls/calls-service.ts';
import { createCloud } from './cloud/cloud-service.ts';
import { createCloudSetup } from './cloud/cloud-setup.ts';
import type { Cloud } from './cloud/cloud.ts';
import type { Credentials } from './cloud/credentials.ts';
import { cloudOpeners } from './cloud/open-target.ts';
import { reachable } from './cloud/reachable.ts';
import { createSecrets, nodeSecretFiles } from './cloud/secret-store.ts';
import type { Vault } from './cloud/secrets.ts';
import type { Log } from './log/log-file.ts';
import { nodeClock, nodeIds, nodeScheduler } from './recording/node-clock.ts';
import { nodeFiles } from './recording/node-files.ts';
import type { Recordings } from './recording/recording-service.ts';
import { createRetention } from './retention/retention-service.ts';
import type { Retention } from './retention/retention.ts';
import type { SettingsStore } from './settings/settings-store.ts';

export type CopiesPorts = {
  recordings: Recordings;
  calls: Calls;
  settings: SettingsStore;
  vault: Vault;
  log: Log;
};

/** Builds what brings copies of recordings to a bucket, and what takes the copies here away; neither begins by itself. */
export async function createCopies(
  config: { profileFolder: string; environmentCredentials: Credentials | null },
  { recordings, calls, settings, vault, log }: CopiesPorts,
): Promise<{ cloud: Cloud; retention: Retention }> {
  const secrets = await createSecrets({
    files: nodeSecretFiles,
    path: join(config.profileFolder, 'secrets.json'),
    vault,
    log,
  });
  const cloud = createCloud({
    recordings,
    setup: createCloudSetup({
      settings,
      secrets,
      environmentCredentials: config.environmentCredentials,
      openers: cloudOpeners,
      ports: {
        monotonicMs: nodeClock.monotonicMs,
        after: nodeScheduler.after,
        randomBytes,
        randomId: nodeIds.next,
      },
    }),
    secrets,
    settings,
    clock: nodeClock,
    scheduler: nodeScheduler,
    ids: nodeIds,
    random: Math.random,
    reachable,
    activity: createActivity(recordings, calls),
    onFault: (error, doing) => log.warn({ err: error }, `Failed: ${doing}.`),
  });
  const retention = createRetention(
    {
      recordings,
      files: nodeFiles,
      ids: nodeIds,
      clock: nodeClock,
      scheduler: nodeScheduler,
      settings,
      confirmCopies: (recordingId) => cloud.confirm(recordingId),
      log,
    },
    { path: join(config.profileFolder, 'retention.json') },
  );
  return { cloud, retention };
}
