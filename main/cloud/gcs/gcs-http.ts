import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { AppError } from '../../../contract/errors.ts';
import { abortedProblem, networkProblem } from '../cloud-errors.ts';
import type { CallOptions } from '../cloud-target.ts';
import { limitConnecting } from '../connect-limit.ts';
import { watchIdle } from '../idle-limit.ts';
import type { IdleLimit } from '../idle-limit.ts';

/** A body is handed to the network in pieces so small that a bandwidth cap, an abort and 1 KB/s are felt within the idle limit. */
const PIECE_BYTES = 16 * 1024;

/** Longest answer that is kept in memory where a caller does not say otherwise: metadata and errors are far shorter. */
const MAX_ANSWER_BYTES = 256 * 1024;

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
      try {
        return await exchange(request, options, idleMs, agents);
      } catch (error) {
        // A kept connection that the server had given up meanwhile: the request never got anywhere.
        if (!(error instanceof StaleConnection)) throw error;
        return exchange(request, options, idleMs, null);
      }
    },
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

type Agents = { http: HttpAgent; https: HttpsAgent };

class StaleConnection extends Error {}

function begin({ url, method, headers, body }: HttpRequest, agents: Agents | null): ClientRequest {
  const length = (body?.before?.length ?? 0) + (body?.bytes.length ?? 0) + (body?.after?.length ?? 0);
  const settings = {
    method,
    headers: { ...headers, ...(method === 'PUT' || method === 'POST' ? { 'content-length': length } : {}) },
  };
  return url.protocol === 'https:'
    ? httpsRequest(url, { ...settings, agent: agents?.https ?? false })
    : httpRequest(url, { ...settings, agent: agents?.http ?? false });
}

async function exchange(
  request: HttpRequest,
  options: CallOptions,
  idleMs: number,
  agents: Agents | null,
): Promise<HttpAnswer> {
  if (options.signal.aborted) throw abortedProblem();
  const outgoing = begin(request, agents);
  const idle = watchIdle(options.signal, idleMs);
  idle.signal.addEventListener('abort', () => outgoing.destroy(), { once: true });
  const state: Progress = { over: false, answered: false, sentBytes: 0 };
  try {
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', (response) => {
        state.answered = true;
        resolve(response);
      });
      outgoing.on('error', reject);
      outgoing.once('close', () => reject(new Error('premature close')));
    });
    limitConnecting(outgoing);
    // A server may refuse before it was sent all.
    await Promise.race([answered, writeBody(outgoing, request.body, options, idle, state)]);
    return await readAnswer(await answered, request, options, idle);
  } catch (error) {
    if (idle.signal.aborted) throw idle.signal.reason;
    const isStale = outgoing.reusedSocket && !state.answered && state.sentBytes === 0 && request.method !== 'POST';
    const problem = networkProblem(error);
    if (isStale && problem?.code === 'CLOUD_UNREACHABLE') throw new StaleConnection();
    if (problem !== null) throw problem;
    throw new AppError('CLOUD_UNREACHABLE', 'The bucket’s server cannot be reached: the connection failed.', {
      retryable: true,
    });
  } finally {
    idle.end();
    // A connection with half a request on it serves nobody any more.
    if (!outgoing.writableFinished) outgoing.destroy();
  }
}

/** `over`: answered, or cut. */
type Progress = { over: boolean; answered: boolean; sentBytes: number };

async function writeBody(
  outgoing: ClientRequest,
  body: HttpBody | undefined,
  options: CallOptions,
  idle: IdleLimit,
  state: Progress,
): Promise<void> {
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
    if (options.throttle !== undefined) await idle.hold(options.throttle(piece.length, idle.signal));
    if (state.over) return;
    await write(piece);
    if (state.over) return;
    idle.moved();
    state.sentBytes += piece.length;
    options.onBytes?.(piece.length);
  }
  if (state.over) return;
  if (body?.after !== undefined) await write(body.after);
  outgoing.end();
}

async function readAnswer(
  response: IncomingMessage,
  request: HttpRequest,
  options: CallOptions,
  idle: IdleLimit,
): Promise<HttpAnswer> {
  const status = response.statusCode ?? 0;
  const isContent = status === 200 || status === 206;
  const limit = (isContent ? request.maxAnswerBytes : undefined) ?? MAX_ANSWER_BYTES;
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response) {
    if (!(piece instanceof Buffer)) continue;
    idle.moved();
    if (isContent && request.onAnswerBytes !== undefined) {
      request.onAnswerBytes(piece);
      if (options.throttle !== undefined) await idle.hold(options.throttle(piece.length, idle.signal));
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
