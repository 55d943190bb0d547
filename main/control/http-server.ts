import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '../../contract/errors.ts';
import { errorAnswer, type Answer } from './answer.ts';
import { keepConnections, type Connections } from './connections.ts';
import type { ControlLimits } from './control-limits.ts';
import { headFields } from './head-fields.ts';
import { headRefusal } from './request-rules.ts';
import { readRefused, watchReader } from './slow-peers.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** How long the sender of something malformed may take to read that it was. */
const MALFORMED_GOODBYE_MS = 500;

const MALFORMED =
  'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 12\r\n' +
  'Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\nBad Request\n';

/**
 * Makes the bare HTTP server in front of the routes: its limits, and the rules that every request must pass whatever it wants. They
 * stand here and not in the framework, whose own answers (an address that cannot be decoded, a method it does not know) skip hooks.
 */
export function createHttpServer(
  handler: Handler,
  { limits, monotonicMs }: { limits: ControlLimits; monotonicMs: () => number },
): { server: Server; connections: Connections } {
  const server = createServer({
    headersTimeout: limits.headMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.lookEveryMs,
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.maxHeadBytes,
    // Ours (host-rule.ts), with an envelope.
    requireHostHeader: false,
    insecureHTTPParser: false,
  });
  // Node leaves headers above this number out silently, so a second Host or an Origin could hide; their bytes are bounded.
  server.maxHeadersCount = 0;
  const connections = keepConnections(server, limits, monotonicMs);

  const pass = (request: IncomingMessage, response: ServerResponse, letThrough: () => void): void => {
    if (!connections.countRequest(request, response)) return;
    watchReader(request, response, limits.answerMs);
    readRefused(request, response, limits.maxRefusedBytes);
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const fields = headFields(request.rawHeaders);
    const refusal = headRefusal({ target: request.url ?? '', fields }, { port, maxBodyBytes: limits.maxBodyBytes });
    if (refusal === null) letThrough();
    else writeAnswer(response, errorAnswer(refusal));
  };
  server.on('request', (request, response) => pass(request, response, () => handler(request, response)));
  // Nobody is asked for a body (RFC 9110, 10.1.1) that the head alone has refused.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
    pass(request, response, () => {
      response.writeContinue();
      handler(request, response);
    }),
  );
  // Node would answer 417 by itself.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
    pass(request, response, () => {
      writeAnswer(response, errorAnswer(new AppError('INVALID_INPUT', 'This expectation is not understood.')));
    }),
  );
  server.on('connect', (_request, socket: Duplex) => endMalformed(socket));
  const told = new WeakSet<Duplex>();
  server.on('clientError', (_error, socket: Duplex) => {
    // Node tells of each further piece of the same rubbish.
    if (told.has(socket)) return;
    told.add(socket);
    endMalformed(socket);
  });
  return { server, connections };
}

/** Writes an answer without the framework. */
function writeAnswer(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body);
}

/** Says "bad request" if nothing else is being said on this connection, and ends it. */
function endMalformed(socket: Duplex): void {
  // Whether an answer is on its way is known to Node's own field only; its default listener asks it in the same way.
  const answering: unknown = Reflect.get(socket, '_httpMessage');
  if (!socket.writable || (typeof answering === 'object' && answering !== null)) {
    socket.destroy();
    return;
  }
  socket.on('error', () => undefined);
  socket.end(MALFORMED);
  // Ended at once, a connection with unread bytes is reset, and the sender would never read why.
  const timer = setTimeout(() => socket.destroy(), MALFORMED_GOODBYE_MS);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}
