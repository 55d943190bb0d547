import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { AppError } from '../../../contract/errors.ts';
import type { CallOptions } from '../cloud-target.ts';
import { limitConnecting } from '../connect-limit.ts';
import { IDLE_LIMIT_MS, watchIdle } from '../idle-limit.ts';
import type { IdleLimit } from '../idle-limit.ts';

/** A request as the S3 library hands it over, signed. */
type SdkRequest = {
  method: string;
  protocol: string;
  hostname: string;
  port?: number | undefined;
  path: string;
  query: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
};
type Answer = { response: { statusCode: number; headers: Record<string, string>; body: IncomingMessage } };

/** What the S3 library wants of a way to send its requests. */
type HttpHandler = {
  metadata: { handlerProtocol: string };
  handle: (request: SdkRequest, way?: Partial<Way>) => Promise<Answer>;
  updateHttpClientConfig: () => void;
  httpHandlerConfigs: () => Record<string, never>;
  destroy: () => void;
};

/** What a call gives to the way beside the request itself; the SDK passes it on as it is. */
export type Way = {
  abortSignal: AbortSignal;
  /** How the bytes of a body pass. */
  content?: Pick<CallOptions, 'onBytes' | 'throttle'>;
  /** The answer is content of any length, not a document. */
  answersContent?: boolean;
};

/** Pieces that cost little on a quick way; on a slow one they are so small that 1 KB/s moves one within the idle limit. */
const PIECE_BYTES = 64 * 1024;
const SLOW_PIECE_BYTES = 16 * 1024;
const SLOW_PIECE_MS = 500;
/** After the last piece the system still holds bytes that nobody sees move; they take no longer than those before them did. */
const MAX_DRAIN_MS = 60_000;
/** A server that does not know "Expect" says nothing: then the body goes without being asked for. */
const CONTINUE_LIMIT_MS = 1_500;
/** Longest XML answer that is read: a list of 1,000 uploads with the longest keys is below 3 MB. */
const DOCUMENT_MAX_BYTES = 8 * 1024 * 1024;

/**
 * How requests of the S3 library go out: connections are kept, a body passes in pieces that can be counted and slowed down, a body is
 * sent when the server wants it (also on kept connections), and a request on which nothing moves is ended.
 */
export function createHttpHandler(idleLimitMs: number = IDLE_LIMIT_MS): HttpHandler {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true }),
    'https:': new HttpsAgent({ keepAlive: true }),
  };
  const handle = async (request: SdkRequest, way: Partial<Way> = {}): Promise<Answer> => {
    const idle = watchIdle(way.abortSignal ?? new AbortController().signal, idleLimitMs);
    const agent = request.protocol === 'http:' ? agents['http:'] : agents['https:'];
    try {
      return await once(request, way, idle, agent);
    } catch (error) {
      idle.end();
      // A kept connection that the server had given up: no fault of the network, the request never got anywhere.
      if (error instanceof StaleConnection && request.method !== 'POST') {
        const again = watchIdle(way.abortSignal ?? new AbortController().signal, idleLimitMs);
        try {
          return await once(request, way, again, false);
        } catch (second) {
          again.end();
          throw second;
        }
      }
      throw error;
    }
  };
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle,
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

class StaleConnection extends Error {
  readonly code = 'ECONNRESET';
}

function once(
  request: SdkRequest,
  way: Partial<Way>,
  idle: IdleLimit,
  agent: HttpAgent | HttpsAgent | false,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (idle.signal.aborted) throw idle.signal.reason;
    const options: RequestOptions = {
      method: request.method,
      host: request.hostname.replaceAll(/^\[|\]$/g, ''),
      path: pathOf(request),
      headers: request.headers,
      agent,
      ...(request.port === undefined ? {} : { port: request.port }),
    };
    const outgoing = request.protocol === 'http:' ? httpRequest(options) : httpsRequest(options);
    let answered = false;
    const onAbort = (): void => {
      outgoing.destroy();
      reject(idle.signal.reason);
    };
    idle.signal.addEventListener('abort', onAbort, { once: true });
    outgoing.once('close', () => {
      idle.end();
      idle.signal.removeEventListener('abort', onAbort);
    });
    outgoing.on('error', (error) => {
      const isStale = outgoing.reusedSocket && !answered && /^(?:ECONNRESET|EPIPE)$/.test(codeOf(error));
      reject(isStale ? new StaleConnection('socket hang up') : error);
    });
    outgoing.once('response', (response) => {
      answered = true;
      guardAnswer(outgoing, response, idle, way);
      resolve({ response: { statusCode: response.statusCode ?? 0, headers: plain(response.headers), body: response } });
    });
    watchSocket(outgoing, idle);
    const hasAnswer = (): boolean => answered;
    sendBody(outgoing, request, way, idle, hasAnswer).catch((error: unknown) => {
      // The server's own words, when there are any, say more than a connection that was closed under a body.
      if (!answered) reject(error);
      outgoing.destroy();
    });
  });
}

/** Bytes count from the socket, in both directions; a connection must come about in time. */
function watchSocket(outgoing: ClientRequest, idle: IdleLimit): void {
  outgoing.once('socket', (socket) => {
    const onData = (): void => idle.moved();
    socket.on('data', onData);
    outgoing.once('close', () => socket.off('data', onData));
  });
  limitConnecting(outgoing);
}

/** After an answer has begun, an abort or silence ends it too, and a document is no longer than it may be. */
function guardAnswer(
  outgoing: ClientRequest,
  response: IncomingMessage,
  idle: IdleLimit,
  { answersContent }: Partial<Way>,
): void {
  const onAbort = (): void => {
    response.destroy(idle.signal.reason instanceof Error ? idle.signal.reason : undefined);
  };
  idle.signal.addEventListener('abort', onAbort, { once: true });
  response.once('close', () => idle.signal.removeEventListener('abort', onAbort));
  // Whoever reads it sees its error; when nobody reads it any more, nobody must fall over it.
  response.on('error', () => undefined);
  // A connection on which half a body lies can carry nothing else.
  response.once('end', () => {
    if (!outgoing.writableEnded) outgoing.destroy();
  });
  if (answersContent === true) return;
  let documentBytes = 0;
  const count = (chunk: Buffer): void => {
    documentBytes += chunk.byteLength;
    if (documentBytes <= DOCUMENT_MAX_BYTES) return;
    response.destroy(new AppError('CLOUD_REFUSED', 'The server gave an answer that is far too long.'));
  };
  const { socket } = response;
  socket.on('data', count);
  response.once('close', () => socket.off('data', count));
}

async function sendBody(
  outgoing: ClientRequest,
  request: SdkRequest,
  { content }: Partial<Way>,
  idle: IdleLimit,
  hasAnswer: () => boolean,
): Promise<void> {
  const body: unknown = request.body;
  if (body === undefined || body === null) {
    outgoing.end();
    return;
  }
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (!(bytes instanceof Uint8Array)) throw new AppError('INTERNAL', 'A request body is not bytes.');
  const expect = request.headers['expect'] ?? request.headers['Expect'];
  if (expect !== undefined && !(await isWanted(outgoing))) return;
  const begunAtMs = performance.now();
  let pieceBytes = PIECE_BYTES;
  for (let offset = 0; offset < bytes.byteLength;) {
    const piece = bytes.subarray(offset, offset + pieceBytes);
    if (content?.throttle !== undefined) await idle.hold(content.throttle(piece.byteLength, idle.signal));
    if (idle.signal.aborted || hasAnswer()) return;
    const startedAtMs = performance.now();
    await written(outgoing, piece);
    idle.moved();
    content?.onBytes?.(piece.byteLength);
    offset += piece.byteLength;
    if (performance.now() - startedAtMs > SLOW_PIECE_MS) pieceBytes = SLOW_PIECE_BYTES;
  }
  outgoing.end();
  idle.moved(Math.min(performance.now() - begunAtMs, MAX_DRAIN_MS));
}

function written(outgoing: ClientRequest, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    outgoing.write(piece, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Whether the server wants the body: it says so, or says nothing for a while, and does not answer instead. */
function isWanted(outgoing: ClientRequest): Promise<boolean> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const settle = (wanted: boolean) => (): void => {
      clearTimeout(timer);
      resolve(wanted);
    };
    outgoing.once('continue', settle(true));
    outgoing.once('response', settle(false));
    outgoing.once('close', settle(false));
    outgoing.once('socket', (socket) => {
      const arm = (): void => {
        timer = setTimeout(settle(true), CONTINUE_LIMIT_MS);
      };
      if (socket.connecting) socket.once('connect', arm);
      else arm();
    });
    outgoing.flushHeaders();
  });
}

function pathOf({ path, query }: SdkRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    if (Array.isArray(value)) return value.map((each) => `${escapeUri(name)}=${escapeUri(each)}`);
    return [typeof value === 'string' ? `${escapeUri(name)}=${escapeUri(value)}` : escapeUri(name)];
  });
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}

/** As a signature escapes it: everything but RFC 3986's unreserved characters. */
function escapeUri(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function plain(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(',') : value,
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<string, string>;
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
