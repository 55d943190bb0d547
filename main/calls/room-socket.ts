import { WebSocket, type RawData } from 'ws';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { AppError, type ErrorCode, type ErrorShape } from '../../contract/errors.ts';
import {
  CLOSE_CODES,
  MAX_FRAME_BYTES,
  roomEventSchema,
  ROOMS_PATH,
  type RoomEvent,
  type RoomRequest,
} from '../../contract/signaling.ts';
import type { CallsClock, CallsLog } from './calls-ports.ts';
import { formatServerAddress, type ServerAddress } from './server-address.ts';

type WithRequestId = Extract<RoomRequest, { requestId: number }>;
type Distribute<T> = T extends unknown ? Omit<T, 'requestId'> : never;

/** A frame that is answered; its request id is given by the socket. */
export type RoomQuestion = Distribute<WithRequestId>;
/** A frame that is not answered. */
export type RoomStatement = Exclude<RoomRequest, { requestId: number }>;

/** One connection to the rooms door of a signaling server. */
export type RoomSocket = {
  /**
   * Sends a question and gives the answer to `take` in the same moment it arrives, before any later frame is handed on;
   * what `take` returns (or throws) is the outcome. A refusal, a closed socket and silence reject with a typed error.
   */
  ask<T>(question: RoomQuestion, take: (answer: RoomEvent) => T): Promise<T>;
  say(statement: RoomStatement): void;
  /** Says goodbye after everything sent before; resolves when the connection is gone. */
  close(): Promise<void>;
};

export type RoomSocketHandlers = {
  /** A frame that answers no question of ours. */
  onEvent: (event: RoomEvent) => void;
  /** The connection is gone without our wish. */
  onLost: (closeCode: number) => void;
};

export type OpenRoomSocket = (address: ServerAddress, handlers: RoomSocketHandlers) => Promise<RoomSocket>;

const CONNECT_TIMEOUT_MS = 5000;
const ANSWER_TIMEOUT_MS = 5000;
const GOODBYE_MS = 1000;
/** The server pings every 15 s: three in a row are missing. */
const SILENCE_MS = 45_000;
/** Frames of a server that do not parse before we give up on it. */
const BAD_FRAMES = 5;

/** Codes that a signaling server may answer with; any other is not its business and counts as a refusal. */
const SERVER_CODES: readonly ErrorCode[] = [
  'INVALID_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
  'INVITE_INVALID',
  'INVITE_EXPIRED',
  'CALL_NOT_FOUND',
  'CALL_FULL',
  'CALL_ENDED',
  'REMOVED_FROM_CALL',
  'ALREADY_IN_CALL',
  'NOT_IN_CALL',
  'NOT_HOST',
  'SIGNALING_REFUSED',
];

/** Makes the function that connects to signaling servers; their addresses and frames are not trusted. */
export function createRoomSocketOpener(ports: { clock: CallsClock; log: CallsLog }): OpenRoomSocket {
  return async (address, handlers) => {
    const where = formatServerAddress(address);
    const socket = new WebSocket(`${where}${ROOMS_PATH}`, {
      followRedirects: false,
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
    });
    const wired = wire(socket, where, handlers, ports);
    await opened(socket, where);
    return wired;
  };
}

function wire(
  socket: WebSocket,
  where: string,
  handlers: RoomSocketHandlers,
  ports: { clock: CallsClock; log: CallsLog },
): RoomSocket {
  const { clock, log } = ports;
  const pending = new Map<number, { take: (answer: RoomEvent) => void; fail: (error: AppError) => void }>();
  let nextRequestId = 1;
  let wasOpen = false;
  let closing = false;
  let badFrames = 0;
  let closeCode = 0;
  let stopWatchdog = (): void => undefined;

  const heard = (): void => {
    stopWatchdog();
    stopWatchdog = clock.setTimer(() => {
      log.warn({ server: where }, 'The signaling server went silent.');
      socket.terminate();
    }, SILENCE_MS);
  };

  const take = (data: RawData, isBinary: boolean): void => {
    const event = isBinary ? null : readEvent(data);
    if (event === null) {
      badFrames += 1;
      log.warn({ server: where, badFrames }, 'The signaling server sent a frame that is not in the contract.');
      if (badFrames >= BAD_FRAMES) socket.terminate();
      return;
    }
    if (!('requestId' in event)) return handlers.onEvent(event);
    if (event.requestId === null) return handlers.onEvent(event);
    // An answer to nothing we asked (any more) is dropped: only a question of ours can let us enter a call.
    const question = pending.get(event.requestId);
    pending.delete(event.requestId);
    question?.take(event);
    return undefined;
  };

  socket.on('open', () => {
    wasOpen = true;
    heard();
  });
  socket.on('ping', heard);
  socket.on('message', (data, isBinary) => {
    heard();
    take(data, isBinary);
  });
  socket.on('error', (error) => log.warn({ server: where, error: error.message }, 'A room connection failed.'));
  socket.on('close', (code) => {
    stopWatchdog();
    closeCode = code;
    for (const question of pending.values()) question.fail(closedBy(code, where));
    pending.clear();
    if (wasOpen && !closing) handlers.onLost(code);
  });

  const send = (frame: RoomRequest): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  };

  return {
    ask: async (question, take) =>
      new Promise((resolve, reject) => {
        // One that is just closing says why in a moment: the question waits for that.
        if (socket.readyState === WebSocket.CLOSED) {
          reject(closedBy(closeCode, where));
          return;
        }
        const requestId = nextRequestId;
        nextRequestId += 1;
        const stopTimer = clock.setTimer(() => {
          pending.delete(requestId);
          reject(unreachable(where, 'does not answer'));
        }, ANSWER_TIMEOUT_MS);
        pending.set(requestId, {
          take: (answer) => {
            stopTimer();
            try {
              if (answer.type === 'refused') throw refusalOf(answer.error);
              resolve(take(answer));
            } catch (error) {
              reject(error instanceof Error ? error : new AppError('INTERNAL', 'An answer could not be taken.'));
            }
          },
          fail: (error) => {
            stopTimer();
            reject(error);
          },
        });
        send({ ...question, requestId });
      }),
    say: send,
    close: async () => {
      if (socket.readyState === WebSocket.CLOSED) return;
      closing = true;
      const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.close(1000);
      const stopTimer = clock.setTimer(() => socket.terminate(), GOODBYE_MS);
      await gone;
      stopTimer();
    },
  };
}

async function opened(socket: WebSocket, where: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', (error) => reject(unreachable(where, 'cannot be reached', error)));
    // Whatever answers there is not followed and not read: it is no signaling server, or refuses this app.
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      const message = `Something answers at ${where}, but not as a signaling server that takes this app (HTTP ${response.statusCode ?? 0}).`;
      reject(new AppError('SIGNALING_REFUSED', message));
    });
  });
}

function readEvent(data: RawData): RoomEvent | null {
  if (!Buffer.isBuffer(data)) return null;
  try {
    return parseUntrusted(roomEventSchema, JSON.parse(data.toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}

function refusalOf(error: ErrorShape): AppError {
  const code = SERVER_CODES.includes(error.code) ? error.code : 'SIGNALING_REFUSED';
  return new AppError(code, error.message.slice(0, 500), {
    retryable: error.retryable,
    ...(error.details === undefined ? {} : { details: error.details }),
  });
}

/** What a connection that the server closed says to somebody who waits for an answer. */
function closedBy(code: number, where: string): AppError {
  switch (code) {
    case CLOSE_CODES.tooFast:
      return rateLimited('Too much came from this network at once. Wait a minute, then try again.');
    case CLOSE_CODES.tooManySockets:
      return rateLimited(`Too many apps of this network are connected to ${where}. Close one, then try again.`);
    case CLOSE_CODES.removed:
      return new AppError('REMOVED_FROM_CALL', 'The host removed you from this call.');
    case CLOSE_CODES.callEnded:
      return new AppError('CALL_ENDED', 'This call is over.');
    case CLOSE_CODES.replaced:
      return new AppError('NOT_IN_CALL', 'Another connection took this place in the call.');
    case CLOSE_CODES.badFrame:
    case CLOSE_CODES.badToken:
      return new AppError('SIGNALING_REFUSED', `The signaling server at ${where} does not understand this app.`);
    default:
      return unreachable(where, 'closed the connection');
  }
}

function rateLimited(message: string): AppError {
  return new AppError('RATE_LIMITED', message, { retryable: true });
}

function unreachable(where: string, what: string, cause?: Error): AppError {
  const message = `The signaling server at ${where} ${what}. Check the address and your network.`;
  return new AppError('SIGNALING_UNREACHABLE', message, { retryable: true, details: { server: where }, cause });
}
