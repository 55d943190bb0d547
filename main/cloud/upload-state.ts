import { assertNever } from '../../contract/errors.ts';
import type { ErrorShape } from '../../contract/errors.ts';
import type { CloudFileModel } from '../recording/recording-model.ts';
import type { UploadState as ServerState, Verdict } from './cloud-target.ts';
import { isSmall } from './upload-plan.ts';

/** What a server has of an upload that goes on. */
export type ServerParts = Extract<ServerState, { kind: 'parts' | 'offset' }>;

/** What is to be done next for a file; the runner does it and answers with an event. */
export type UploadStep =
  /** Remove what an earlier run of the app may have begun and never journaled. */
  | { kind: 'sweep' }
  | { kind: 'begin' }
  /** All of it in one request. */
  | { kind: 'put' }
  | { kind: 'inspect' }
  | { kind: 'send'; server: ServerParts }
  | { kind: 'finish' }
  | { kind: 'verify' }
  /** Journal that it begins anew. */
  | { kind: 'restart' }
  | { kind: 'verified'; by: 'checksum' | 'readBack' }
  | { kind: 'failed'; error: ErrorShape };

export type UploadProgress = {
  step: UploadStep;
  small: boolean;
  /** Whether the server has forgotten it once before. */
  restarted: boolean;
};

export type UploadEvent =
  | { kind: 'swept' }
  | { kind: 'begun' }
  | { kind: 'inspected'; state: ServerState }
  /** The session was kept in memory only, and that is gone. */
  | { kind: 'sessionLost' }
  /** Every part is there. */
  | { kind: 'partsSent' }
  /** The object is there. */
  | { kind: 'finished' }
  | { kind: 'compared'; verdict: Verdict }
  | { kind: 'restarted' }
  /** The way or the server was away in the middle of it; it is back. */
  | { kind: 'interrupted' }
  | { kind: 'gone' }
  | { kind: 'failed'; error: ErrorShape };

/** Where a file stands that the journal tells this of. */
export function firstProgress(
  file: Pick<CloudFileModel, 'state' | 'restarted'>,
  object: { sizeBytes: number; partBytes: number },
): UploadProgress {
  const small = isSmall(object);
  const { restarted } = file;
  if (file.state === 'sent') return { step: { kind: 'verify' }, small, restarted };
  if (file.state === 'begun') return { step: small ? { kind: 'put' } : { kind: 'inspect' }, small, restarted };
  return { step: { kind: small ? 'begin' : 'sweep' }, small, restarted };
}

/** Takes what happened; an event that does not belong to the step changes nothing. */
export function advance(progress: UploadProgress, event: UploadEvent): UploadProgress {
  const { step } = progress;
  const to = (next: UploadStep): UploadProgress => ({ ...progress, step: next });
  if (step.kind === 'verified' || step.kind === 'failed') return progress;
  switch (event.kind) {
    case 'swept':
      return step.kind === 'sweep' ? to({ kind: 'begin' }) : progress;
    case 'begun':
      if (step.kind !== 'begin') return progress;
      return to(progress.small ? { kind: 'put' } : { kind: 'send', server: { kind: 'parts', parts: [] } });
    case 'inspected':
      return step.kind === 'inspect' ? inspected(progress, event.state) : progress;
    case 'sessionLost':
      return step.kind === 'inspect' ? to({ kind: 'sweep' }) : progress;
    case 'partsSent':
      return step.kind === 'send' ? to({ kind: 'finish' }) : progress;
    case 'finished':
      return step.kind === 'finish' || step.kind === 'put' ? to({ kind: 'verify' }) : progress;
    case 'compared':
      return step.kind === 'verify' ? compared(progress, event.verdict) : progress;
    case 'restarted':
      return step.kind === 'restart' ? { ...to({ kind: 'sweep' }), restarted: true } : progress;
    case 'interrupted':
      return to(again(step));
    case 'gone':
      return gone(progress);
    case 'failed':
      return to({ kind: 'failed', error: event.error });
    default:
      return assertNever(event);
  }
}

function inspected(progress: UploadProgress, state: ServerState): UploadProgress {
  switch (state.kind) {
    case 'parts':
    case 'offset':
      return { ...progress, step: { kind: 'send', server: state } };
    case 'finished':
      return { ...progress, step: { kind: 'verify' } };
    case 'gone':
      return gone(progress);
    default:
      return assertNever(state);
  }
}

function gone(progress: UploadProgress): UploadProgress {
  if (!progress.restarted) return { ...progress, step: { kind: 'restart' } };
  return {
    ...progress,
    step: {
      kind: 'failed',
      error: {
        code: 'CLOUD_UPLOAD_GONE',
        message: 'The server forgot the upload a second time.',
        retryable: true,
      },
    },
  };
}

function compared(progress: UploadProgress, verdict: Verdict): UploadProgress {
  switch (verdict.kind) {
    case 'same':
      return { ...progress, step: { kind: 'verified', by: verdict.by } };
    case 'different':
      return failed(progress, 'CLOUD_CONTENT_DIFFERS', `What is in the bucket is not what is here: ${verdict.why}`);
    case 'missing':
      return failed(progress, 'CLOUD_OBJECT_MISSING', 'The server took the file, but it is not in the bucket.');
    default:
      return assertNever(verdict);
  }
}

function failed(
  progress: UploadProgress,
  code: 'CLOUD_CONTENT_DIFFERS' | 'CLOUD_OBJECT_MISSING',
  message: string,
): UploadProgress {
  return { ...progress, step: { kind: 'failed', error: { code, message: message.slice(0, 500), retryable: true } } };
}

/** What to do when a step was cut off and nobody knows how much of it the server did. */
function again(step: UploadStep): UploadStep {
  switch (step.kind) {
    // It may have begun, and its answer was lost: then that one is removed first.
    case 'begin':
      return { kind: 'sweep' };
    case 'send':
    case 'finish':
      return { kind: 'inspect' };
    case 'sweep':
    case 'put':
    case 'inspect':
    case 'verify':
    case 'restart':
    case 'verified':
    case 'failed':
      return step;
    default:
      return assertNever(step);
  }
}
