import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { AppError, type ErrorShape } from '../contract/errors.ts';
import { CLOSE_CODES, PEERS_PATH, ROOMS_PATH } from '../contract/signaling.ts';
import { createFailedEntries } from './failed-entries.ts';
import { guardSocket, type GuardedSocket } from './guarded-socket.ts';
import {
  addressKey,
  DEFAULT_ALLOWED_ORIGINS,
  DEFAULT_LIMITS,
  isOriginAllowed,
  type SignalingLimits,
} from './limits.ts';
import { SILENT_LOG, type SignalingLog } from './log.ts';
import { createPeers } from './peers.ts';
import { readRoomFrame } from './room-door.ts';
import { banOfPeer, NO_ROOMS, seatOf, seatOfPeer } from './room-state.ts';
import type { RoomsInput } from './room-steps.ts';
import { reduceRooms } from './rooms.ts';
import { createPermitSigner } from './tokens.ts';

export type SignalingConfig = {
  host: string;
  /** 0 picks a free port. */
  port: number;
  limits?: Partial<SignalingLimits>;
  allowedOrigins?: readonly string[];
  log?: SignalingLog;
  /** Wall clock of the invite tokens, milliseconds since 1970. */
  wallNowMs?: () => number;
};

export type RunningSignalingServer = {
  address: { host: string; port: number };
  /** Tells every call that the server goes, closes the sockets and frees the port. */
  close(): Promise<void>;
};

const TOO_MANY_FAILURES: ErrorShape = {
  code: 'RATE_LIMITED',
  message: 'Too many wrong invites from this network. Wait a minute, then try again.',
  retryable: true,
};

/** How long a closing server waits for its sockets to say goodbye. */
const GOODBYE_MS = 1000;

/** Builds and starts the whole signaling server: rooms on /rooms, PeerJS clients on /peerjs, /health over HTTP. */
export async function startSignalingServer(config: SignalingConfig): Promise<RunningSignalingServer> {
  const limits: SignalingLimits = { ...DEFAULT_LIMITS, ...config.limits };
  const log = config.log ?? SILENT_LOG;
  const allowedOrigins = config.allowedOrigins ?? DEFAULT_ALLOWED_ORIGINS;
  const wallNowMs = config.wallNowMs ?? Date.now;
  const nowMs = () => performance.now();
  const permits = createPermitSigner();
  const failedEntries = createFailedEntries(limits, nowMs);

  let rooms = NO_ROOMS;
  let closing = false;
  const roomSockets = new Map<string, { socket: GuardedSocket; address: string; openedAtMs: number }>();
  const allSockets = new Set<GuardedSocket>();
  const socketsOfAddress = new Map<string, number>();

  const peers = createPeers({
    placeOf: (peerId) => {
      const place = seatOfPeer(rooms, peerId);
      return place === null ? null : { callId: place.room.callId, peerToken: place.seat.peerToken };
    },
    removedToken: (peerId) => banOfPeer(rooms, peerId)?.peerToken ?? null,
    limits,
    nowMs,
  });

  /** Answers a wrong invite, token or secret; past the budget of the address, with that and goodbye. */
  const refuseGuess = (connectionId: string, requestId: number | null, error: ErrorShape): void => {
    const entry = roomSockets.get(connectionId);
    if (entry === undefined) return;
    const { socket, address } = entry;
    if (failedEntries.allow(address)) {
      socket.send({ type: 'refused', requestId, error });
      return;
    }
    log.warn({ address }, 'Too many wrong invites, tokens or secrets from this address.');
    socket.send({ type: 'refused', requestId, error: TOO_MANY_FAILURES });
    socket.close(CLOSE_CODES.tooFast, TOO_MANY_FAILURES.message);
  };

  const apply = (input: RoomsInput): void => {
    const step = reduceRooms(rooms, input, limits);
    const before = rooms.rooms.size;
    rooms = step.state;
    if (rooms.rooms.size !== before) log.info({ calls: rooms.rooms.size }, 'The number of calls changed.');
    for (const effect of step.effects) {
      if (effect.kind === 'send') roomSockets.get(effect.connectionId)?.socket.send(effect.frame);
      else if (effect.kind === 'refuseGuess') refuseGuess(effect.connectionId, effect.requestId, effect.error);
      else if (effect.kind === 'close') roomSockets.get(effect.connectionId)?.socket.close(effect.code, effect.why);
      else peers.drop(effect.peerId, effect.code);
    }
  };

  const track = (address: string, socket: GuardedSocket): void => {
    allSockets.add(socket);
    count(socketsOfAddress, address, 1);
  };
  const untrack = (address: string, socket: GuardedSocket): void => {
    allSockets.delete(socket);
    count(socketsOfAddress, address, -1);
  };

  const openRoomSocket = (webSocket: WebSocket, address: string): void => {
    const id = randomUUID();
    const sender = { connectionId: id, address };
    const socket = guardSocket(webSocket, {
      id,
      limits,
      framesPerSecond: limits.roomFramesPerSecond,
      frameBurst: limits.roomFrameBurst,
      nowMs,
      log,
      onFrame: (frame) => {
        const answer = readRoomFrame(frame, sender, { ...limits, permits, wallNowMs });
        if (answer.kind === 'input') {
          apply(answer.input);
          return true;
        }
        if (answer.guess) refuseGuess(id, answer.requestId, answer.error);
        else socket.send({ type: 'refused', requestId: answer.requestId, error: answer.error });
        return answer.parsed;
      },
      onClosed: () => {
        roomSockets.delete(id);
        untrack(address, socket);
        apply({ kind: 'broken', connectionId: id, nowMs: nowMs() });
      },
    });
    track(address, socket);
    roomSockets.set(id, { socket, address, openedAtMs: nowMs() });
  };

  const openPeerSocket = (webSocket: WebSocket, address: string, query: URLSearchParams): void => {
    const admission = peers.admit(query);
    const socket = guardSocket(webSocket, {
      id: randomUUID(),
      limits,
      framesPerSecond: limits.peerFramesPerSecond,
      frameBurst: limits.peerFrameBurst,
      nowMs,
      log,
      onFrame: (frame) => admission.kind === 'peer' && peers.take(admission.peerId, socket, frame),
      onClosed: () => {
        untrack(address, socket);
        if (admission.kind === 'peer') peers.closed(admission.peerId, socket);
      },
    });
    track(address, socket);
    if (admission.kind === 'peer') {
      peers.open(admission.peerId, socket);
      return;
    }
    const { frame, code } = admission.refusal;
    socket.send(frame);
    const tooMany = admission.guess && !failedEntries.allow(address);
    socket.close(tooMany ? CLOSE_CODES.tooFast : code, frame.payload.msg);
  };

  const http = createServer(
    { headersTimeout: 5000, requestTimeout: 5000, keepAliveTimeout: 5000, connectionsCheckingInterval: 1000 },
    answerHttp,
  );
  http.maxConnections = limits.connections;
  const connections = new Set<Socket>();
  const connectionsOfAddress = new Map<string, number>();
  http.on('connection', (connection: Socket) => {
    const address = addressKey(connection.remoteAddress);
    if ((connectionsOfAddress.get(address) ?? 0) >= limits.connectionsPerAddress) {
      connection.destroy();
      return;
    }
    count(connectionsOfAddress, address, 1);
    connections.add(connection);
    connection.once('close', () => {
      count(connectionsOfAddress, address, -1);
      connections.delete(connection);
    });
  });
  const upgrades = new WebSocketServer({ noServer: true, maxPayload: limits.frameBytes, perMessageDeflate: false });

  http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // Between the upgrade and the WebSocket nobody else listens to the stream's errors.
    stream.on('error', () => stream.destroy());
    const target = parseTarget(request);
    if (target === null || (target.pathname !== ROOMS_PATH && target.pathname !== PEERS_PATH)) {
      return refuseUpgrade(stream, '404 Not Found');
    }
    if (!isOriginAllowed(request.headers.origin, allowedOrigins)) {
      log.warn({ origin: String(request.headers.origin).slice(0, 200) }, 'Refused a socket from a foreign page.');
      return refuseUpgrade(stream, '403 Forbidden');
    }
    if (closing) return refuseUpgrade(stream, '503 Service Unavailable');
    const address = addressKey(request.socket.remoteAddress);
    upgrades.handleUpgrade(request, stream, head, (webSocket) => {
      if ((socketsOfAddress.get(address) ?? 0) >= limits.socketsPerAddress) {
        log.warn({ address }, 'Refused a socket: this address has too many.');
        webSocket.on('error', () => webSocket.terminate());
        webSocket.close(CLOSE_CODES.tooManySockets, 'too many sockets from this address');
        setTimeout(() => webSocket.terminate(), GOODBYE_MS).unref();
      } else if (target.pathname === ROOMS_PATH) openRoomSocket(webSocket, address);
      else openPeerSocket(webSocket, address, target.searchParams);
    });
    return undefined;
  });

  const port = await listen(http, config);

  const sweeper = setInterval(() => {
    const now = nowMs();
    for (const { socket, openedAtMs } of roomSockets.values()) {
      if (seatOf(rooms, socket.id) === null && now - openedAtMs >= limits.entryMs)
        socket.close(1000, 'entered no call');
    }
    for (const socket of allSockets) socket.sweep(now);
    peers.sweep(now);
    failedEntries.sweep();
    apply({ kind: 'tick', nowMs: now });
  }, limits.sweepEveryMs);
  sweeper.unref();

  let closed: Promise<void> | null = null;
  const shutDown = async (): Promise<void> => {
    closing = true;
    clearInterval(sweeper);
    apply({ kind: 'shutDown' });
    const gone = new Promise<void>((resolve) => http.close(() => resolve()));
    for (const socket of allSockets) socket.close(1001, 'the server goes');
    http.closeIdleConnections();
    const patience = setTimeout(() => {
      for (const connection of connections) connection.destroy();
    }, GOODBYE_MS);
    await gone;
    clearTimeout(patience);
  };
  return {
    address: { host: config.host, port },
    close: () => (closed ??= shutDown()),
  };
}

function count(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + change;
  if (next > 0) counts.set(key, next);
  else counts.delete(key);
}

function answerHttp(request: IncomingMessage, response: ServerResponse): void {
  const healthy = request.method === 'GET' && parseTarget(request)?.pathname === '/health';
  response.writeHead(healthy ? 200 : 404, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(healthy ? '{"status":"ok"}\n' : '{"status":"not found"}\n');
}

function parseTarget(request: IncomingMessage): URL | null {
  const target = request.url ?? '/';
  return URL.canParse(target, 'http://server') ? new URL(target, 'http://server') : null;
}

function refuseUpgrade(stream: Duplex, status: string): void {
  // Destroyed once written: a client that never closes its half would hold the connection for ever.
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => stream.destroy());
}

async function listen(http: ReturnType<typeof createServer>, config: SignalingConfig): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const where = `${config.host} port ${config.port}`;
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new AppError('SIGNALING_PORT_TAKEN', `The signaling server cannot have ${where}: choose another port.`, {
              cause: error,
            })
          : new AppError('SIGNALING_UNREACHABLE', `The signaling server cannot listen on ${where}.`, { cause: error }),
      );
    });
    http.listen({ host: config.host, port: config.port }, () => {
      const address = http.address();
      resolve(typeof address === 'object' && address !== null ? address.port : config.port);
    });
  });
}
