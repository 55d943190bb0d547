import type { RecordingCloud } from '../../contract/cloud.ts';
import { NO_CLOUD } from '../../contract/cloud.ts';
import type { JournalRecord } from './journal-records.ts';
import type { CloudFileModel, RecordingModel } from './recording-model.ts';

type CloudRecord = Extract<JournalRecord, { kind: `cloud${string}` }>;
type CloudModel = RecordingModel['cloud'];

/** Takes a record about the bucket into the model; one about an unknown upload changes nothing. */
export function applyCloudRecord(cloud: CloudModel, record: CloudRecord): CloudModel {
  switch (record.kind) {
    case 'cloudQueued': {
      const replaced = new Set(record.files.map(({ file }) => file));
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
      return { paused: false, files: [...cloud.files.filter(({ file }) => !replaced.has(file)), ...queued] };
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
    case 'cloudCancelled':
      return {
        paused: false,
        files: cloud.files.filter(({ state }) => state === 'verified' || state === 'changed'),
      };
    case 'cloudRemoved': {
      const removed = new Set(record.uploadIds);
      return { ...cloud, files: cloud.files.filter(({ uploadId }) => !removed.has(uploadId)) };
    }
  }
}

/** Files whose bytes here were changed: what the bucket has of them is no copy any more. */
export function markChanged(cloud: CloudModel, isChanged: (file: string) => boolean): CloudModel {
  return {
    ...cloud,
    files: cloud.files.map((file) =>
      file.state === 'verified' && isChanged(file.file) ? { ...file, state: 'changed' } : file,
    ),
  };
}

/** What everybody else sees of it. */
export function toRecordingCloud(cloud: CloudModel, deliverableFiles: readonly string[]): RecordingCloud {
  const { files } = cloud;
  const [first] = files;
  if (first === undefined) return NO_CLOUD;
  const states = new Set(files.map(({ state }) => state));
  const verified = new Set(files.filter(({ state }) => state === 'verified').map(({ file }) => file));
  const state = states.has('failed')
    ? 'failed'
    : states.has('begun') || states.has('sent')
      ? 'uploading'
      : states.has('queued') || states.has('changed')
        ? 'queued'
        : 'verified';
  return {
    ...NO_CLOUD,
    state,
    paused: cloud.paused,
    sentBytes: files.reduce((sum, file) => sum + sentBytesOf(file), 0),
    totalBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    error: files.find(({ state }) => state === 'failed')?.error ?? null,
    destination: first.destination,
    files: files.map(({ file, key, sizeBytes, state }) => ({ file, key, sizeBytes, state: stateFor(state) })),
    complete: deliverableFiles.length > 0 && deliverableFiles.every((file) => verified.has(file)),
  };
}

function stateFor(state: CloudFileModel['state']): RecordingCloud['files'][number]['state'] {
  if (state === 'begun') return 'uploading';
  return state === 'sent' ? 'verifying' : state;
}

function sentBytesOf({ state, sizeBytes, parts }: CloudFileModel): number {
  if (state === 'verified' || state === 'sent') return sizeBytes;
  return parts.reduce((sum, part) => sum + part.sizeBytes, 0);
}

function change(cloud: CloudModel, uploadId: string, update: (file: CloudFileModel) => CloudFileModel): CloudModel {
  return { ...cloud, files: cloud.files.map((file) => (file.uploadId === uploadId ? update(file) : file)) };
}
