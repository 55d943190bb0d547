import type { CloudStatus, Destination } from '../../contract/cloud.ts';
import { AppError } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import type { OpenRecording } from '../recording/recordings.ts';
import { createAutomatic } from './automatic.ts';
import { createBandwidth } from './bandwidth.ts';
import type { Cloud } from './cloud.ts';
import type { CloudConfig, CloudPorts } from './cloud-ports.ts';
import { confirmCopies } from './confirm-copies.ts';
import { queueRecords } from './queue-records.ts';
import type { QueueReason } from './queue-records.ts';
import { isRetriedByChange } from './retry-policy.ts';
import { SESSION_SECRETS, sessionSecret, sweepRecording } from './sweep.ts';
import { createTargetCache } from './target-cache.ts';
import { DEFAULT_PART_BYTES, distinctDestinations } from './upload-plan.ts';
import { createUploadQueue } from './upload-queue.ts';

/** Settings are changed one after the other: what failed is tried again when they stand still. */
const SETUP_SETTLE_MS = 1_000;

const NEVER = new AbortController().signal;

/** Builds the service over its ports. */
export function createCloud(ports: CloudPorts, config: CloudConfig = {}): Cloud {
  const { recordings, setup, settings, clock, scheduler } = ports;
  const listeners = new Set<(status: CloudStatus) => void>();
  const background = new Set<Promise<void>>();
  let closed = false;
  let isTelling = false;
  let hasBegun = false;
  let undoRetry = (): void => undefined;

  const bandwidth = createBandwidth({
    clock,
    scheduler,
    bytesPerSecond: () => settings.get().cloudCapBytesPerSecond,
  });
  const targets = createTargetCache((destination) => setup.openTarget(destination));
  const queue = createUploadQueue(ports, {
    targets,
    throttle: bandwidth.throttle,
    preferredPartBytes: config.partBytes ?? DEFAULT_PART_BYTES,
    onChanged: () => tellStatus(),
  });

  const status = async (): Promise<CloudStatus> => ({
    ...(await setup.facts()),
    waiting: queue.waiting(),
    queuedRecordings: queue.size(),
  });

  /** Many changes at once are told once. */
  function tellStatus(): void {
    if (isTelling || closed || listeners.size === 0) return;
    isTelling = true;
    behind('telling how the uploads are', async () => {
      await Promise.resolve();
      isTelling = false;
      const now = await status();
      for (const listener of listeners) listener(now);
    });
  }

  /** Work that nobody waits for. */
  function behind(doing: string, work: () => Promise<unknown>): void {
    const run = async (): Promise<void> => {
      try {
        await work();
      } catch (error) {
        if (!isDeleted(error)) ports.onFault(error, doing);
      } finally {
        background.delete(done);
      }
    };
    const done = run();
    background.add(done);
  }

  /** Journals what is to be sent and puts it into the queue; false when there was nothing to send. */
  async function enqueue(recordingId: RecordingId, destination: Destination, reason: QueueReason): Promise<boolean> {
    const isQueued = await recordings.withOpen(recordingId, async (open) => {
      const context = { destination, settings: settings.get(), ids: ports.ids, reason };
      const records = queueRecords(open.recording(), open.cloud(), context);
      for (const record of records) await open.record(record, { announce: true });
      return records.some(({ kind }) => kind !== 'cloudRemoved');
    });
    if (isQueued) queue.add(recordingId);
    return isQueued;
  }

  const automatic = createAutomatic({
    scheduler,
    isOn: () => settings.get().cloudAutomatic && setup.destination() !== null,
    want: (recordingId) =>
      behind('noting that a recording is to be sent', () =>
        recordings.withOpen(recordingId, async (open) => {
          if (open.cloud().files.length === 0) await open.record({ kind: 'cloudWanted' }, { announce: false });
        }),
      ),
    queue: (recordingId, reason) =>
      behind('queueing a recording', async () => {
        const destination = setup.destination();
        if (destination !== null) await enqueue(recordingId, destination, reason);
      }),
  });

  /** What failed because of the setup goes on, once that is another one. */
  function retryFailed(): void {
    const destination = setup.destination();
    if (destination === null) return;
    const isRetried = (file: { error: { code: AppError['code'] } | null }): boolean =>
      file.error !== null && isRetriedByChange(file.error.code);
    for (const recording of recordings.list()) {
      if (!recording.cloud.files.some(({ state }) => state === 'failed')) continue;
      behind('trying an upload again', () => enqueue(recording.id, destination, { kind: 'retry', isRetried }));
    }
  }

  const undos = [
    recordings.subscribe((event) => {
      automatic.on(event);
      // Of a folder that another app let go of, for example.
      if (hasBegun && event.type === 'recordingChanged' && isToBeSent(event.recording)) queue.add(event.recording.id);
    }),
    ports.activity.subscribe(() => queue.reconsider()),
    settings.subscribe(() => {
      bandwidth.changed();
      queue.reconsider();
    }),
    setup.subscribe(() => {
      queue.setUpChanged();
      undoRetry();
      undoRetry = scheduler.after(SETUP_SETTLE_MS, retryFailed);
      tellStatus();
    }),
  ];

  const setUp = async (change: Promise<void>): Promise<CloudStatus> => {
    await change;
    return status();
  };

  /** Journals something about a recording's upload and gives it as it is then. */
  const note = async (recordingId: RecordingId, work: (open: OpenRecording) => Promise<void>): Promise<Recording> => {
    await recordings.withOpen(recordingId, work);
    return recordings.get({ recordingId });
  };

  const cancel: Cloud['cancel'] = async (recordingId) => {
    await queue.remove(recordingId);
    const cancelled = await note(recordingId, async (open) => {
      await open.record({ kind: 'cloudCancelled' }, { announce: true });
    });
    if (cancelled.cloud.unsettled) queue.addSweep(recordingId);
    return cancelled;
  };

  return {
    status,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    setCredentials: (credentials) => setUp(setup.setCredentials(credentials)),
    forgetCredentials: () => setUp(setup.forgetCredentials()),
    allowUnprotected: (allowed) => setUp(setup.allowUnprotected(allowed)),
    test: () => setup.test(),
    upload: async (recordingId) => {
      const { status, mediaLeftAt } = recordings.get({ recordingId });
      if (status !== 'completed') {
        throw new AppError('RECORDING_BUSY', 'Only a recording that is completed can be sent.', { retryable: true });
      }
      if (mediaLeftAt !== null) throw new AppError('CONFLICT', 'Its files are no longer on this computer.');
      const destination = setup.destination();
      if (destination === null) throw new AppError('CLOUD_NOT_SET_UP', 'No bucket is chosen in the settings.');
      await recordings.settled({ recordingId });
      await enqueue(recordingId, destination, { kind: 'byHand' });
      return recordings.get({ recordingId });
    },
    pause: async (recordingId) => {
      if (!hasUnfinished(recordings.get({ recordingId }))) throw nothingToHold();
      await queue.remove(recordingId);
      return note(recordingId, (open) => open.record({ kind: 'cloudPaused', paused: true }, { announce: true }));
    },
    resume: async (recordingId) => {
      const { cloud } = recordings.get({ recordingId });
      if (!cloud.paused) throw new AppError('CONFLICT', 'This upload is not paused.');
      await note(recordingId, (open) => open.record({ kind: 'cloudPaused', paused: false }, { announce: true }));
      queue.add(recordingId);
      return recordings.get({ recordingId });
    },
    cancel,
    link: async (recordingId, file, validSeconds) => {
      const entry = await recordings.withOpen(recordingId, async (open) =>
        open.cloud().files.find((each) => each.file === file && each.state === 'verified'),
      );
      if (entry === undefined) throw new AppError('NOT_FOUND', 'This file is not in the bucket.');
      const atMs = clock.wallMs();
      const url = await targets.use(entry.destination, (target) => target.link(entry.key, validSeconds));
      return { url, expiresAt: new Date(atMs + validSeconds * 1_000).toISOString() };
    },
    removeFiles: async (recordingId) => {
      await queue.remove(recordingId);
      return note(recordingId, async (open) => {
        const { files } = open.cloud();
        if (files.some(({ state }) => state !== 'verified')) {
          await open.record({ kind: 'cloudCancelled' }, { announce: false });
        }
        for (const { uploadId, destination, key } of files) {
          await targets.use(destination, (target) => target.remove(key, { signal: NEVER }));
          await open.record({ kind: 'cloudRemoved', uploadIds: [uploadId] }, { announce: true });
        }
        for (const destination of distinctDestinations(open.cloud().leftovers)) {
          const { secrets } = ports;
          await targets.use(destination, (target) =>
            sweepRecording({ target, secrets, signal: NEVER }, open, destination),
          );
        }
      });
    },
    confirm: (recordingId) => recordings.withOpen(recordingId, (open) => confirmCopies(targets, open)),
    view: (recording) => {
      const { cloud } = recording;
      if (automatic.isPending(recording.id) && cloud.state === 'failed' && cloud.error?.code === 'SOURCE_CHANGED') {
        return { ...recording, cloud: { ...cloud, state: 'queued', error: null } };
      }
      return { ...recording, cloud: queue.live(recording) };
    },
    begin: () => {
      hasBegun = true;
      // Oldest first, as they were queued.
      const all = recordings.list().sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
      for (const recording of all) {
        automatic.know(recording);
        const { id, cloud } = recording;
        if (cloud.unsettled || hasUnfinished(recording) || cloud.state === 'failed') queue.addSweep(id);
        if (isToBeSent(recording)) queue.add(id);
        if (settings.get().cloudAutomatic && cloud.files.some(({ state }) => state === 'changed')) {
          automatic.on({ type: 'recordingChanged', recording });
        }
      }
      behind('looking for recordings that were to be sent', () => queueWanted(all));
      // With other credentials in the environment than at the last run.
      retryFailed();
    },
    close: async (limitMs) => {
      closed = true;
      for (const undo of undos) undo();
      undoRetry();
      automatic.close();
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const undo = scheduler.after(limitMs, resolve);
      await Promise.race([Promise.all([queue.close(), ...background]).catch(() => undefined), late]);
      undo();
    },
  };

  /** What the last run meant to queue, and sessions of uploads that nobody knows any more. */
  async function queueWanted(all: readonly Recording[]): Promise<void> {
    // Asked for first: what begins from here on is not among them.
    const names = await ports.secrets.names();
    const uploads = new Set<string>();
    for (const recording of all) {
      const { cloud, status, id } = recording;
      const destination = setup.destination();
      if (cloud.unsettled && status === 'completed' && cloud.files.length === 0 && destination !== null) {
        const isWanted = await recordings.withOpen(id, async (open) => open.cloud().wanted);
        if (isWanted) await enqueue(id, destination, { kind: 'completed' });
      }
      if (!cloud.unsettled && !hasUnfinished(recording) && cloud.state !== 'failed') continue;
      await recordings.withOpen(id, async (open) => {
        const { files, leftovers } = open.cloud();
        for (const { uploadId } of [...files, ...leftovers]) uploads.add(uploadId);
      });
    }
    for (const name of names) {
      const uploadId = name.slice(SESSION_SECRETS.length);
      if (name === sessionSecret(uploadId) && !uploads.has(uploadId)) await ports.secrets.remove(name);
    }
  }
}

function hasUnfinished({ cloud }: Recording): boolean {
  return cloud.files.some(({ state }) => state === 'queued' || state === 'uploading' || state === 'verifying');
}

function isToBeSent(recording: Recording): boolean {
  return hasUnfinished(recording) && !recording.cloud.paused;
}

function nothingToHold(): AppError {
  return new AppError('CONFLICT', 'Nothing of this recording is on its way.', { retryable: true });
}

function isDeleted(error: unknown): boolean {
  return error instanceof AppError && error.code === 'RECORDING_NOT_FOUND';
}
