import { AppError, toErrorShape } from '../../contract/errors.ts';
import type { CloudFileModel } from '../recording/recording-model.ts';
import type { OpenRecording } from '../recording/recordings.ts';
import type { CloudPorts } from './cloud-ports.ts';
import { sweepRecording } from './sweep.ts';
import type { TargetCache } from './target-cache.ts';
import { uploadFile } from './upload-file.ts';
import type { UploadFilePorts } from './upload-file.ts';
import { distinctDestinations, sameDestination } from './upload-plan.ts';

/** `more`: there is more of this recording; `noSetUp`: nothing can be sent before something else is set up. */
export type Sent = 'more' | 'done' | 'noSetUp';

export type SendContext = {
  ports: CloudPorts;
  targets: TargetCache;
  signal: AbortSignal;
  /** How the upload behaves and whom it tells. */
  upload: Pick<
    UploadFilePorts,
    'throttle' | 'preferredPartBytes' | 'buffers' | 'onHanded' | 'onUnderWay' | 'onWaiting'
  >;
  /** Bytes are about to be sent. */
  onBegin: () => void;
};

const OTHER_BUCKET = new AppError(
  'CLOUD_NOT_SET_UP',
  'It was queued for another bucket than the one in the settings. Retry sends it to the one in the settings.',
  { retryable: true },
);

/** Brings the next file of a recording to its end, as far as that is possible now. Rejects when the signal is aborted. */
export async function sendNext(context: SendContext, open: OpenRecording): Promise<Sent> {
  const { ports, targets, signal } = context;
  const file = nextFile(open);
  if (file === null) return 'done';
  const destination = ports.setup.destination();
  if (destination === null) return 'noSetUp';
  const { uploadId } = file;
  const fail = (error: unknown): Promise<void> =>
    open.record({ kind: 'cloudFailed', uploadId, error: toErrorShape(error) }, { announce: true });

  const refusal = sameDestination(destination, file.destination) ? refusalOf(open, file) : OTHER_BUCKET;
  if (refusal !== null) {
    await fail(refusal);
    return moreOf(open);
  }
  const now = open.recording().deliverables.find((each) => each.file === file.file);
  if (file.state === 'queued' && now !== undefined && now.sizeBytes !== file.sizeBytes) {
    // It was changed while it waited for its turn.
    const entry = { uploadId: ports.ids.next(), file: file.file, key: file.key, sizeBytes: now.sizeBytes };
    await open.record({ kind: 'cloudQueued', destination: file.destination, files: [entry] }, { announce: true });
    return 'more';
  }
  try {
    await targets.use(destination, (target) => {
      context.onBegin();
      const { secrets, scheduler, random, reachable } = ports;
      return uploadFile({ target, secrets, scheduler, random, reachable, ...context.upload }, open, uploadId, signal);
    });
  } catch (error) {
    if (signal.aborted) throw error;
    // Nothing is wrong with the file: it waits until there is something to send it with.
    if (error instanceof AppError && error.code === 'CLOUD_NOT_SET_UP') return 'noSetUp';
    await fail(error);
  }
  const recording = open.recording();
  if (recording.cloud.state === 'verified') {
    ports.recordings.announce({ type: 'recordingUploaded', recordingId: recording.id });
  }
  return moreOf(open);
}

/** Removes from the buckets what lies there unfinished of a recording; what cannot be reached is left for the next start. */
export async function sweepAll(
  { ports, targets, signal }: Pick<SendContext, 'ports' | 'targets' | 'signal'>,
  open: OpenRecording,
): Promise<void> {
  const { secrets } = ports;
  const { files, leftovers } = open.cloud();
  const unfinished = files.filter(({ state }) => state !== 'verified');
  for (const destination of distinctDestinations([...unfinished, ...leftovers])) {
    try {
      await targets.use(destination, (target) => sweepRecording({ target, secrets, signal }, open, destination));
    } catch (error) {
      if (signal.aborted) throw error;
      ports.onFault(error, 'removing unfinished parts from the bucket');
    }
  }
}

function moreOf(open: OpenRecording): 'more' | 'done' {
  return nextFile(open) === null ? 'done' : 'more';
}

function nextFile(open: OpenRecording): CloudFileModel | null {
  const { paused, files } = open.cloud();
  if (paused) return null;
  return files.find(({ state }) => state === 'queued' || state === 'begun' || state === 'sent') ?? null;
}

/** Only what is finished and listed goes to a bucket. */
function refusalOf(open: OpenRecording, file: CloudFileModel): AppError | null {
  const { status, deliverables, mediaLeftAt } = open.recording();
  if (status === 'completed' && mediaLeftAt === null && deliverables.some((each) => each.file === file.file))
    return null;
  return new AppError('SOURCE_CHANGED', 'The file is no longer one of the finished files of this recording.', {
    retryable: true,
  });
}
