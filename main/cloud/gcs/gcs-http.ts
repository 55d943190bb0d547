import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { AppError } from '../../../contract/errors.ts';
import { abortedProblem, networkProblem, silentProblem } from '../cloud-errors.ts';
import type { CallOptions } from '../cloud-target.ts';

/** A body is handed to the network in pieces of this size, so that a bandwidth cap and an abort are felt at once. */
const PIECE_BYTES = 64 * 1024;

/** Longest answer that is kept in memory where a caller does not say otherwise: metadata and errors are far shorter. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** Longest extra time for the answer to a body that went out slowly. */
const MAX_EXTRA_MS = 30_000;

/** What is sent: only `bytes` are counted and held to the bandwidth cap, not what frames them. */
export type HttpBody = { before?: Uint8Array; bytes: Uint8Array; after?: Uint8Array };

export type HttpRequest = {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  url: URL;
  headers: Record<string, string>;
  body?: HttpBody;
  /** Takes the bytes of an answer 200 or 206 in place of memory. */
  onAnswerBytes?: (bytes: Uint8Array) => void;
  /** Of an answer 200 or 206; refusals have their own limit. */
  maxAnswerBytes?: number;
};

export type HttpAnswer = { status: number; header: (name: string) => string; body: Buffer };

/** Sends requests one by one, reports and throttles their bytes, and gives up after `idleMs` without one. */
export type GcsHttp = {
  /** Every status is an answer; rejects with CLOUD_UNREACHABLE, ABORTED, or CLOUD_CONTENT_DIFFERS for more than `maxAnswerBytes`. */
  send: (request: HttpRequest, options: CallOptions) => Promise<HttpAnswer>;
  close: () => void;
};

/**
 * Node's own client and not the library's: of a chunk, the library first takes all into memory and then sends it at full speed
 * (startUploading in its resumable-upload.js), so nothing could be throttled, counted or stopped on the way; and its errors carry the
 * session's address.
 */
export function createGcsHttp(idleMs: number): GcsHttp {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  return {
    send: async (request, options) => {
      if (options.signal.aborted) throw abortedProblem();
      const { url, method, headers, body } = request;
      const length = (body?.before?.length ?? 0) + (body?.bytes.length ?? 0) + (body?.after?.length ?? 0);
      const settings = {
        method,
        headers: { ...headers, ...(method === 'PUT' || method === 'POST' ? { 'content-length': length } : {}) },
        signal: options.signal,
      };
      const outgoing =
        url.protocol === 'https:'
          ? httpsRequest(url, { ...settings, agent: agents.https })
          : httpRequest(url, { ...settings, agent: agents.http });
      return exchange(outgoing, request, options, idleMs);
    },
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

async function exchange(
  outgoing: ClientRequest,
  request: HttpRequest,
  options: CallOptions,
  idleMs: number,
): Promise<HttpAnswer> {
  let silent = false;
  const watch = watchIdle(idleMs, () => {
    silent = true;
    outgoing.destroy();
  });
  try {
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve);
      outgoing.on('error', reject);
      outgoing.once('close', () => reject(new Error('premature close')));
    });
    // A server may refuse before it was sent all.
    await Promise.race([answered, writeBody(outgoing, request.body, options, watch)]);
    return await readAnswer(await answered, request, options, watch);
  } catch (error) {
    if (options.signal.aborted) throw abortedProblem();
    if (silent) throw silentProblem(idleMs);
    const problem = networkProblem(error);
    if (problem !== null) throw problem;
    throw new AppError('CLOUD_UNREACHABLE', 'The bucket’s server cannot be reached: the connection failed.', {
      retryable: true,
    });
  } finally {
    watch.hold();
    // A connection with half a request on it serves nobody any more.
    if (!outgoing.writableFinished) outgoing.destroy();
  }
}

/** `hold` while nothing may move from here; `moved` begins anew, with more time where that is fair. */
type IdleWatch = { moved: (extraMs?: number) => void; hold: () => void };

function watchIdle(idleMs: number, onIdle: () => void): IdleWatch {
  let timer = setTimeout(onIdle, idleMs);
  return {
    moved: (extraMs = 0) => {
      clearTimeout(timer);
      timer = setTimeout(onIdle, idleMs + extraMs);
    },
    hold: () => clearTimeout(timer),
  };
}

async function writeBody(
  outgoing: ClientRequest,
  body: HttpBody | undefined,
  options: CallOptions,
  watch: IdleWatch,
): Promise<void> {
  const startedAtMs = performance.now();
  const state = { over: false };
  const over = new Promise<void>((resolve) => {
    const end = (): void => {
      state.over = true;
      resolve();
    };
    outgoing.once('response', end);
    outgoing.once('close', end);
  });
  // The callback comes when the piece went to the system; of a request that ended, never.
  const write = (piece: Uint8Array): Promise<void> =>
    Promise.race([over, new Promise<void>((resolve) => void outgoing.write(piece, () => resolve()))]);
  if (body?.before !== undefined) await write(body.before);
  const bytes = body?.bytes ?? new Uint8Array(0);
  for (let at = 0; at < bytes.length && !state.over; at += PIECE_BYTES) {
    const piece = bytes.subarray(at, at + PIECE_BYTES);
    if (options.throttle !== undefined) {
      watch.hold();
      await options.throttle(piece.length, options.signal);
      if (state.over) return;
      watch.moved();
    }
    await write(piece);
    if (state.over) return;
    watch.moved();
    options.onBytes?.(piece.length);
  }
  if (state.over) return;
  if (body?.after !== undefined) await write(body.after);
  outgoing.end();
  // What was handed over may still lie in the system's buffers (up to some megabytes): a slow line gets time for them, within bounds.
  if (body !== undefined) watch.moved(Math.min(performance.now() - startedAtMs, MAX_EXTRA_MS));
}

async function readAnswer(
  response: IncomingMessage,
  request: HttpRequest,
  options: CallOptions,
  watch: IdleWatch,
): Promise<HttpAnswer> {
  const status = response.statusCode ?? 0;
  const isContent = status === 200 || status === 206;
  const limit = (isContent ? request.maxAnswerBytes : undefined) ?? MAX_ANSWER_BYTES;
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response) {
    if (!(piece instanceof Buffer)) continue;
    watch.moved();
    if (isContent && request.onAnswerBytes !== undefined) {
      request.onAnswerBytes(piece);
      if (options.throttle !== undefined) {
        watch.hold();
        await options.throttle(piece.length, options.signal);
        watch.moved();
      }
      continue;
    }
    size += piece.length;
    if (size > limit)
      throw new AppError('CLOUD_CONTENT_DIFFERS', 'The server answered with more than there should be.');
    pieces.push(piece);
  }
  return {
    status,
    header: (name) => {
      const value = response.headers[name];
      return typeof value === 'string' ? value : '';
    },
    body: Buffer.concat(pieces),
  };
}
