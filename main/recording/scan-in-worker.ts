import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { nodeFiles } from './node-files.ts';
import type { ScanAnswer, ScanRequest } from './scan-messages.ts';
import { finishByScan } from './segment-finish.ts';
import type { FinishByScan, FinishedSegment } from './segment-finish.ts';

export type ScanInWorkerOptions = {
  /** Script of the thread; the one beside this module when not given. */
  script?: URL;
  /** Told when the thread cannot be used and the work is done in this one. */
  onFallback?: (error: unknown) => void;
};

/** A thread that nobody needs for so long ends, and its memory with it. */
const IDLE_MS = 3_000;
/** A scan keeps little: more than this is a fault, and the work is done again in the main thread. */
const MEMORY = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8 };

const finishedSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('finished'),
    durationMs: z.number(),
    sizeBytes: z.number(),
    audioCodec: z.string().nullable(),
    videoCodec: z.string().nullable(),
    damage: z.object({ droppedBytes: z.number(), holes: z.number(), hasSalvagedCluster: z.boolean() }).nullable(),
  }),
  z.object({ kind: z.literal('unusable') }),
]);

const answerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('scanned'), id: z.number(), finished: finishedSchema }),
  z.object({ kind: z.literal('failed'), id: z.number(), code: z.string().nullable(), message: z.string() }),
]);

type Waiting = { path: string; resolve: (finished: FinishedSegment) => void; reject: (error: unknown) => void };

/**
 * Scans in a thread of its own: of hours of recording each cluster is looked at, and the call of the moment must not notice. Where a
 * thread cannot be had, the scan is done here.
 */
export function createScanInWorker(options: ScanInWorkerOptions = {}): FinishByScan {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let undoIdle: NodeJS.Timeout | undefined;
  let nextId = 0;

  const giveUp = (used: Worker, error: unknown): void => {
    if (worker !== used) return;
    worker = null;
    const left = [...waiting.values()];
    waiting.clear();
    if (left.length === 0) return;
    options.onFallback?.(error);
    for (const { path, resolve, reject } of left) finishByScan(nodeFiles, path).then(resolve, reject);
  };

  const take = (used: Worker, message: unknown): void => {
    const answer: ScanAnswer = answerSchema.parse(message);
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.kind === 'scanned') asked?.resolve(answer.finished);
    else asked?.reject(Object.assign(new Error(answer.message), answer.code === null ? {} : { code: answer.code }));
    if (waiting.size > 0) return;
    used.unref();
    clearTimeout(undoIdle);
    undoIdle = setTimeout(() => {
      if (waiting.size > 0 || worker !== used) return;
      worker = null;
      void used.terminate();
    }, IDLE_MS);
    undoIdle.unref();
  };

  const begin = (): Worker => {
    const made = new Worker(options.script ?? ownScript(), { resourceLimits: MEMORY, name: 'scan' });
    made.on('message', (message: unknown) => take(made, message));
    made.on('error', (error) => giveUp(made, error));
    made.on('exit', (code) => giveUp(made, new Error(`The scanning thread ended with ${code}.`)));
    return made;
  };

  return async (path) => {
    const { promise, resolve, reject } = Promise.withResolvers<FinishedSegment>();
    try {
      worker ??= begin();
    } catch (error) {
      options.onFallback?.(error);
      return finishByScan(nodeFiles, path);
    }
    nextId += 1;
    waiting.set(nextId, { path, resolve, reject });
    worker.ref();
    worker.postMessage({ id: nextId, path } satisfies ScanRequest, []);
    return promise;
  };
}

/** Beside this module: as it is written, or as vite.config.ts builds it. */
function ownScript(): URL {
  const here = import.meta.url;
  return new URL(here.endsWith('.ts') ? './scan-worker.ts' : './scan-worker.js', here);
}
