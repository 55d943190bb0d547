import type { RecordingCloud } from '../../contract/cloud.ts';
import { NO_CLOUD } from '../../contract/cloud.ts';
import { assertNever } from '../../contract/errors.ts';
import type { ErrorShape } from '../../contract/errors.ts';
import type { JournalRecord } from './journal-records.ts';
import type { CloudFileModel, CloudLeftover, CloudModel } from './recording-model.ts';

type CloudRecord = Extract<JournalRecord, { kind: `cloud${string}` }>;

/** Why a file counts as failed that was changed by the app itself after it had been sent, or on its way. */
const CHANGED_HERE: ErrorShape = {
  code: 'SOURCE_CHANGED',
  message: 'The file was changed here after it had been sent.',
  retryable: true,
};

/** Takes a record about the bucket into the model; one about an unknown upload changes nothing. */
export function applyCloudRecord(cloud: CloudModel, record: CloudRecord): CloudModel {
  switch (record.kind) {
    case 'cloudWanted':
      return { ...cloud, wanted: true };
    case 'cloudQueued': {
      const wanted = new Set(record.files.map(({ file }) => file));
      const replaced = cloud.files.filter(({ file }) => wanted.has(file));
      const queued = record.files.map(({ uploadId, file, key, sizeBytes }): CloudFileModel => ({
        uploadId,
        file,
        key,
        destination: record.destination,
        sizeBytes,
        state: 'queued',
        session: null,
        partBytes: 0,
        fingerprint: null,
        parts: [],
        restarted: false,
        error: null,
      }));
      return {
        paused: false,
        wanted: false,
        files: [...cloud.files.filter(({ file }) => !wanted.has(file)), ...queued],
        leftovers: [...cloud.leftovers, ...leftoversOf(replaced)],
      };
    }
    case 'cloudBegun': {
      const { session, partBytes, fingerprint } = record;
      return change(cloud, record.uploadId, (file) => ({
        ...file,
        state: 'begun',
        session,
        partBytes,
        fingerprint,
        parts: [],
        error: null,
      }));
    }
    case 'cloudPart': {
      const { part, sizeBytes, etag, sha256Hex } = record;
      return change(cloud, record.uploadId, (file) => ({
        ...file,
        parts: [...file.parts.filter((each) => each.part !== part), { part, sizeBytes, etag, sha256Hex }],
      }));
    }
    case 'cloudSent':
      return change(cloud, record.uploadId, (file) => ({ ...file, state: 'sent', error: null }));
    case 'cloudVerified':
      return change(cloud, record.uploadId, (file) => ({
        ...file,
        state: 'verified',
        fingerprint: record.fingerprint,
        // Nobody needs them any more, and the library keeps what is folded here.
        parts: [],
        session: null,
        error: null,
      }));
    case 'cloudFailed':
      return change(cloud, record.uploadId, (file) => ({ ...file, state: 'failed', error: record.error }));
    case 'cloudRetried': {
      const retried = change(cloud, record.uploadId, (file) =>
        file.state === 'failed'
          ? { ...file, state: file.fingerprint === null ? 'queued' : 'begun', error: null }
          : file,
      );
      return { ...retried, paused: false };
    }
    case 'cloudRestarted':
      return change(cloud, record.uploadId, (file) => ({
        ...file,
        state: 'queued',
        session: null,
        parts: [],
        restarted: true,
        error: null,
      }));
    case 'cloudPaused':
      return { ...cloud, paused: record.paused };
    case 'cloudCancelled': {
      const stays = ({ state }: CloudFileModel): boolean => state === 'verified' || state === 'changed';
      const ended = cloud.files.filter((file) => !stays(file));
      return {
        paused: false,
        wanted: false,
        files: cloud.files.filter(stays),
        leftovers: [...cloud.leftovers, ...leftoversOf(ended)],
      };
    }
    case 'cloudRemoved': {
      const removed = new Set(record.uploadIds);
      const gone = cloud.files.filter(({ uploadId, session }) => removed.has(uploadId) && session !== null);
      return {
        ...cloud,
        files: cloud.files.filter(({ uploadId }) => !removed.has(uploadId)),
        leftovers: [...cloud.leftovers, ...leftoversOf(gone)],
      };
    }
    case 'cloudSwept': {
      const swept = new Set(record.uploadIds);
      return { ...cloud, leftovers: cloud.leftovers.filter(({ uploadId }) => !swept.has(uploadId)) };
    }
    default:
      return assertNever(record);
  }
}

/** Files whose bytes here were changed: what the bucket has of them is no copy any more, and what is on its way never will be. */
export function markChanged(cloud: CloudModel, isChanged: (file: string) => boolean): CloudModel {
  return {
    ...cloud,
    files: cloud.files.map((file) =>
      // A queued one was not looked at yet: it goes as it is then.
      file.state !== 'queued' &&
      (file.state !== 'failed' || file.error?.code === 'SOURCE_CHANGED') &&
      isChanged(file.file)
        ? { ...file, state: 'changed', error: null }
        : file,
    ),
  };
}

/** What everybody else sees of it. */
export function toRecordingCloud(cloud: CloudModel, deliverableFiles: readonly string[]): RecordingCloud {
  const { files } = cloud;
  const unsettled = cloud.wanted || cloud.leftovers.length > 0;
  const [first] = files;
  if (first === undefined) return { ...NO_CLOUD, unsettled };
  const states = new Set(files.map(({ state }) => state));
  const verified = new Set(files.filter(({ state }) => state === 'verified').map(({ file }) => file));
  return {
    ...NO_CLOUD,
    state: stateOf(states),
    paused: cloud.paused,
    sentBytes: files.reduce((sum, file) => sum + sentBytesOf(file), 0),
    totalBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    error: files.find(({ state }) => state === 'failed')?.error ?? (states.has('changed') ? CHANGED_HERE : null),
    destination: first.destination,
    files: files.map(({ file, key, sizeBytes, state }) => ({ file, key, sizeBytes, state: stateFor(state) })),
    complete: deliverableFiles.length > 0 && deliverableFiles.every((file) => verified.has(file)),
    unsettled,
  };
}

/** As long as something is on its way the whole is; what failed is told once nothing moves any more. */
function stateOf(states: ReadonlySet<CloudFileModel['state']>): RecordingCloud['state'] {
  if (states.has('begun') || states.has('sent')) return 'uploading';
  if (states.has('queued')) return 'queued';
  return states.has('failed') || states.has('changed') ? 'failed' : 'verified';
}

function stateFor(state: CloudFileModel['state']): RecordingCloud['files'][number]['state'] {
  if (state === 'begun') return 'uploading';
  return state === 'sent' ? 'verifying' : state;
}

function sentBytesOf({ state, sizeBytes, parts }: CloudFileModel): number {
  if (state === 'verified' || state === 'sent') return sizeBytes;
  return parts.reduce((sum, part) => sum + part.sizeBytes, 0);
}

function leftoversOf(files: readonly CloudFileModel[]): CloudLeftover[] {
  return files
    .filter(({ state }) => state !== 'verified')
    .map(({ uploadId, destination, key, session }) => ({ uploadId, destination, key, session }));
}

/** A file that was changed meanwhile stays changed, whatever is still told of the sending of its old bytes. */
function change(cloud: CloudModel, uploadId: string, update: (file: CloudFileModel) => CloudFileModel): CloudModel {
  return {
    ...cloud,
    files: cloud.files.map((file) => (file.uploadId === uploadId && file.state !== 'changed' ? update(file) : file)),
  };
}
