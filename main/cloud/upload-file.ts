import type { CloudWait } from '../../contract/cloud.ts';
import { AppError, assertNever, toErrorShape } from '../../contract/errors.ts';
import type { JournalRecord } from '../recording/journal-records.ts';
import type { Scheduler } from '../recording/ports.ts';
import type { CloudFileModel } from '../recording/recording-model.ts';
import type { OpenRecording } from '../recording/recordings.ts';
import { createBackoff } from './backoff.ts';
import type {
  CallOptions,
  CloudTarget,
  ObjectSpec,
  SentPart,
  Throttle,
  UploadState as ServerState,
} from './cloud-target.ts';
import { watchConnection } from './connection-watch.ts';
import { createHashedFile, sha256OfParts } from './hashed-file.ts';
import type { HashedFile } from './hashed-file.ts';
import { canGoOn, errorClass } from './retry-policy.ts';
import type { Secrets } from './secrets.ts';
import { BUFFERS, compareParts, sendParts } from './send-parts.ts';
import { openSource } from './source-file.ts';
import type { SourceFile } from './source-file.ts';
import { sessionSecret, sweepRecording } from './sweep.ts';
import { objectFor, partBytesFor } from './upload-plan.ts';
import { advance, firstProgress } from './upload-state.ts';
import type { ServerParts, UploadEvent, UploadStep } from './upload-state.ts';

export type UploadFilePorts = {
  target: CloudTarget;
  secrets: Secrets;
  scheduler: Scheduler;
  random: () => number;
  reachable: (address: { host: string; port: number }) => Promise<boolean>;
  throttle: Throttle;
  preferredPartBytes: number;
  /** Filled here, and used again for the next file. */
  buffers: Uint8Array[];
  /** Bytes were handed to the network. */
  onHanded: (bytes: number) => void;
  /** Bytes that are under way and not confirmed. */
  onUnderWay: (bytes: number) => void;
  onWaiting: (wait: Extract<CloudWait, 'offline' | 'busyServer'> | null) => void;
};

/**
 * Brings one file of a recording to its end, `verified` or `failed`, both journaled, from wherever the journal and the server say
 * that it is. Waits for ever for a network or a server that is away. Rejects with ABORTED when the signal is aborted: then it goes on
 * next time.
 */
export async function uploadFile(
  ports: UploadFilePorts,
  open: OpenRecording,
  uploadId: string,
  signal: AbortSignal,
): Promise<'verified' | 'failed'> {
  const { target } = ports;
  const fileOf = (): CloudFileModel => {
    const file = open.cloud().files.find((each) => each.uploadId === uploadId);
    if (file === undefined) throw new AppError('ABORTED', 'It is not wanted any more.');
    return file;
  };
  const record = (entry: JournalRecord): Promise<void> => open.record(entry, { announce: entry.kind !== 'cloudPart' });
  const backoff = createBackoff({
    scheduler: ports.scheduler,
    random: ports.random,
    reachable: () => ports.reachable(target.address),
    onWaiting: ports.onWaiting,
  });
  const first = fileOf();
  let source: SourceFile | null = null;
  try {
    source = await openSource(open.folder, first.file, first.fingerprint);
    if (source.fingerprint.sizeBytes !== first.sizeBytes) {
      throw new AppError('SOURCE_CHANGED', 'The file here was changed before it was sent.', { retryable: true });
    }
    const isBegun = first.state !== 'queued';
    const partBytes = isBegun ? first.partBytes : partBytesFor(first.sizeBytes, target, ports.preferredPartBytes);
    const object = objectFor(first, partBytes);
    const hashed = createHashedFile({
      source,
      object,
      wantsMd5: target.wantsMd5,
      known: new Map(first.parts.map(({ part, sha256Hex }) => [part, sha256Hex])),
    });
    return await run(source, object, hashed);
  } catch (error) {
    if (signal.aborted) throw stopped();
    // Of a file that cannot be opened or read, or whose journal cannot be written.
    return await fail(toErrorShape(error));
  } finally {
    ports.onUnderWay(0);
    await source?.close();
  }

  async function run(source: SourceFile, object: ObjectSpec, hashed: HashedFile): Promise<'verified' | 'failed'> {
    let parts: SentPart[] = [];
    let receivedBytes = 0;
    let progress = firstProgress(first, object);

    for (;;) {
      if (signal.aborted) throw stopped();
      const { step } = progress;
      if (step.kind === 'failed') return fail(step.error);
      if (step.kind === 'verified') return settle(step.by);
      const watch = watchConnection({
        scheduler: ports.scheduler,
        reachable: () => ports.reachable(target.address),
        onAway: (isAway) => ports.onWaiting(isAway ? 'offline' : null),
      });
      let event: UploadEvent;
      try {
        event = await perform(step, watch);
      } catch (error) {
        if (signal.aborted) throw stopped();
        event = await afterFailure(error, watch.signal.aborted);
      } finally {
        watch.end();
      }
      progress = advance(progress, event);
    }

    async function settle(by: 'checksum' | 'readBack'): Promise<'verified'> {
      await source.check();
      const { partSha256 } = await hashed.whole(signal);
      await record({
        kind: 'cloudVerified',
        uploadId,
        by,
        sha256OfParts: sha256OfParts(partSha256),
        partBytes: object.partBytes,
        fingerprint: source.fingerprint,
      });
      // One that stays is removed at the next start: it must not undo what was just compared.
      await ports.secrets.remove(sessionSecret(uploadId)).catch(() => undefined);
      return 'verified';
    }

    async function perform(step: UploadStep, watch: ReturnType<typeof watchConnection>): Promise<UploadEvent> {
      const anySignal = AbortSignal.any([signal, watch.signal]);
      const call: CallOptions = { signal: anySignal, throttle: ports.throttle, onBytes: () => watch.moved() };
      switch (step.kind) {
        case 'sweep':
          await sweepRecording({ target, secrets: ports.secrets, signal: anySignal }, open, first.destination);
          return { kind: 'swept' };
        case 'begin':
          await begin(call);
          return { kind: 'begun' };
        case 'put':
          await put(call, watch.moved);
          return { kind: 'finished' };
        case 'inspect': {
          const session = await sessionOf();
          if (session === null) return { kind: 'sessionLost' };
          const state = await target.inspect(object, session, call);
          noteProgress(state);
          return { kind: 'inspected', state };
        }
        case 'send':
          return send(step.server, call, watch.moved);
        case 'finish':
          return finish(call);
        case 'verify':
          return verify(call);
        case 'restart':
          await ports.secrets.remove(sessionSecret(uploadId));
          await record({ kind: 'cloudRestarted', uploadId });
          return { kind: 'restarted' };
        case 'verified':
        case 'failed':
          throw new AppError('INTERNAL', 'An upload went on behind its end.');
        default:
          return assertNever(step);
      }
    }

    /** Of a part that was cut off the server may have kept some: that is progress too. */
    function noteProgress(state: ServerState): void {
      if (state.kind !== 'offset' || state.receivedBytes <= receivedBytes) return;
      receivedBytes = state.receivedBytes;
      backoff.progressed();
    }

    async function begin(call: CallOptions): Promise<void> {
      await source.check();
      const { partBytes } = object;
      const begun = (session: string | null): Promise<void> =>
        record({ kind: 'cloudBegun', uploadId, session, partBytes, fingerprint: source.fingerprint });
      if (progress.small) return begun(null);
      const { session } = await target.begin(object, call);
      if (target.sessionIsSecret) await ports.secrets.set(sessionSecret(uploadId), session);
      return begun(target.sessionIsSecret ? null : session);
    }

    async function put(call: CallOptions, moved: () => void): Promise<void> {
      const [buffer = new Uint8Array(object.sizeBytes)] = buffersFor(object.sizeBytes, 1);
      const { bytes } = await hashed.readPart(1, buffer, signal);
      await source.check();
      const meter = underWayMeter(moved);
      try {
        await target.put(object, bytes, { ...call, onBytes: meter.of(1) });
      } finally {
        meter.ended(1);
      }
      backoff.progressed();
      await source.check();
      await record({ kind: 'cloudSent', uploadId });
    }

    async function send(server: ServerParts, call: CallOptions, moved: () => void): Promise<UploadEvent> {
      const session = await sessionOf();
      if (session === null) return { kind: 'sessionLost' };
      const journaled = fileOf().parts;
      const meter = underWayMeter(moved);
      parts = await sendParts({
        target,
        object,
        session,
        source,
        hashed,
        uploadId,
        parts: compareParts(object, journaled, server),
        isJournaled: (number) => journaled.some(({ part }) => part === number),
        buffers: buffersFor(object.partBytes, BUFFERS),
        signal,
        call: (part) => ({ ...call, onBytes: meter.of(part) }),
        record,
        onPartEnded: (part, isThere) => {
          meter.ended(part);
          if (isThere) backoff.progressed();
        },
      });
      await source.check();
      return { kind: 'partsSent' };
    }

    async function finish(call: CallOptions): Promise<UploadEvent> {
      const session = await sessionOf();
      if (session === null) return { kind: 'sessionLost' };
      await target.finish(object, session, parts, call);
      backoff.progressed();
      await record({ kind: 'cloudSent', uploadId });
      return { kind: 'finished' };
    }

    async function verify(call: CallOptions): Promise<UploadEvent> {
      if (fileOf().state !== 'sent') await record({ kind: 'cloudSent', uploadId });
      const hash = await hashed.whole(signal);
      await source.check();
      return { kind: 'compared', verdict: await target.verify(object, hash, call) };
    }
  }

  function buffersFor(sizeBytes: number, count: number): Uint8Array[] {
    for (let index = 0; index < count; index += 1) {
      const buffer = ports.buffers[index];
      if (buffer === undefined || buffer.byteLength < sizeBytes) ports.buffers[index] = new Uint8Array(sizeBytes);
    }
    return ports.buffers.slice(0, count);
  }

  /** Null when it is gone from where it was kept, or nobody can read it there any more. */
  async function sessionOf(): Promise<string | null> {
    const { session } = fileOf();
    if (session !== null) return session;
    try {
      return await ports.secrets.get(sessionSecret(uploadId));
    } catch (error) {
      if (error instanceof AppError && error.code === 'SECRETS_UNAVAILABLE') return null;
      throw error;
    }
  }

  /** Waits a passing failure out; any other one ends the upload. */
  async function afterFailure(error: unknown, wayIsBack: boolean): Promise<UploadEvent> {
    // Given up by the watch: it is known that the way is back, so there is nothing to wait for.
    if (wayIsBack) {
      ports.onWaiting(null);
      return { kind: 'interrupted' };
    }
    if (!(error instanceof AppError)) return { kind: 'failed', error: toErrorShape(error) };
    const kind = errorClass(error.code);
    if (kind === 'gone') return { kind: 'gone' };
    if (kind !== 'transient') return { kind: 'failed', error: toErrorShape(error) };
    await backoff.wait(error, signal);
    return { kind: 'interrupted' };
  }

  function underWayMeter(moved: () => void): {
    of: (part: number) => (bytes: number) => void;
    ended: (part: number) => void;
  } {
    const underWay = new Map<number, number>();
    const tell = (): void => ports.onUnderWay([...underWay.values()].reduce((sum, bytes) => sum + bytes, 0));
    return {
      of: (part) => (bytes) => {
        moved();
        underWay.set(part, (underWay.get(part) ?? 0) + bytes);
        ports.onHanded(bytes);
        tell();
      },
      ended: (part) => {
        moved();
        underWay.delete(part);
        tell();
      },
    };
  }

  /** What cannot go on from here leaves nothing behind in the bucket; what this does not reach, the next start removes. */
  async function fail(error: ReturnType<typeof toErrorShape>): Promise<'failed'> {
    await record({ kind: 'cloudFailed', uploadId, error });
    if (canGoOn(error.code)) return 'failed';
    try {
      const session = await sessionOf();
      if (session !== null) await target.abort(first.key, session, { signal });
      await ports.secrets.remove(sessionSecret(uploadId));
    } catch {
      // The next start removes it.
    }
    return 'failed';
  }

  function stopped(): AppError {
    return new AppError('ABORTED', 'Stopped.');
  }
}
