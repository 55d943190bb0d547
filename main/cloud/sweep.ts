import type { CloudFileModel, CloudModel } from '../recording/recording-model.ts';
import type { OpenRecording } from '../recording/recordings.ts';
import type { Destination } from '../../contract/cloud.ts';
import type { CloudTarget } from './cloud-target.ts';
import { canGoOn } from './retry-policy.ts';
import type { Secrets } from './secrets.ts';
import { prefixOfKey, sameDestination } from './upload-plan.ts';

/** The name under which a session is kept that must not lie in the journal. */
export function sessionSecret(uploadId: string): string {
  return `${SESSION_SECRETS}${uploadId}`;
}

/** Beginning of the names of such secrets. */
export const SESSION_SECRETS = 'upload:';

/** Whether a file's session is still to be used. */
export function keepsSession({ state, error }: Pick<CloudFileModel, 'state' | 'error'>): boolean {
  if (state === 'failed') return error !== null && canGoOn(error.code);
  return state === 'begun' || state === 'sent';
}

/**
 * Removes from the bucket whatever lies there unfinished of a recording and that its journal does not want any more, or never
 * knew because the app was killed before it could tell the journal.
 */
export async function sweepRecording(
  ports: { target: CloudTarget; secrets: Secrets; signal: AbortSignal },
  open: Pick<OpenRecording, 'cloud' | 'record'>,
  destination: Destination,
): Promise<void> {
  const { target, secrets, signal } = ports;
  const cloud = open.cloud();
  const here = (each: { destination: Destination }): boolean => sameDestination(each.destination, destination);
  const leftovers = cloud.leftovers.filter(here);
  for (const { uploadId, key, session } of leftovers) {
    const name = sessionSecret(uploadId);
    const known = session ?? (await secrets.get(name));
    if (known !== null) await target.abort(key, known, { signal });
    await secrets.remove(name);
  }
  const known = new Set(knownSessions(cloud, destination));
  const prefixes = new Set([...leftovers, ...cloud.files.filter(here)].map(({ key }) => prefixOfKey(key)));
  for (const prefix of prefixes) {
    for (const upload of await target.openUploads(`${prefix}/`, { signal })) {
      if (!known.has(upload.session)) await target.abort(upload.key, upload.session, { signal });
    }
  }
  if (leftovers.length === 0) return;
  await open.record({ kind: 'cloudSwept', uploadIds: leftovers.map(({ uploadId }) => uploadId) }, { announce: false });
}

function knownSessions(cloud: CloudModel, destination: Destination): string[] {
  return cloud.files.flatMap((file) =>
    keepsSession(file) && file.session !== null && sameDestination(file.destination, destination) ? [file.session] : [],
  );
}
