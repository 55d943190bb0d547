import type { WebSocket } from 'ws';
import { CLOSE_CODES } from '../contract/signaling.ts';
import type { SignalingLimits } from './limits.ts';
import { takeToken } from './limits.ts';
import type { SignalingLog } from './log.ts';

/** A socket whose other side is not trusted: its frames are counted, bounded in rate and dropped when they do not parse. */
export type GuardedSocket = {
  readonly id: string;
  send(frame: object): void;
  sendText(text: string): void;
  /** Sends a close frame after everything sent before; later frames of the other side are ignored. */
  close(code: number, why: string): void;
  /** False as soon as either side said goodbye. */
  isOpen(): boolean;
  /** When anything was last heard of the other side, on the server's clock. */
  heardAtMs(): number;
  /** Pings when due and cuts a socket that was silent for too long. */
  sweep(nowMs: number): void;
};

export type GuardOptions = {
  id: string;
  limits: SignalingLimits;
  framesPerSecond: number;
  frameBurst: number;
  nowMs: () => number;
  log: SignalingLog;
  /** Takes one frame (undefined when it was no JSON text); false means that it did not parse. */
  onFrame: (frame: unknown) => boolean;
  onClosed: () => void;
};

/** Puts the limits around a socket and hands its frames over one by one. */
export function guardSocket(socket: WebSocket, options: GuardOptions): GuardedSocket {
  const { limits, nowMs, log, id } = options;
  let bucket = { tokens: options.frameBurst, atMs: nowMs() };
  let badFrames = 0;
  let heardAtMs = nowMs();
  let pingedAtMs = heardAtMs;
  let closing = false;

  const close = (code: number, why: string): void => {
    if (closing) return;
    closing = true;
    socket.close(code, why);
  };

  const sendText = (text: string): void => {
    if (closing) return;
    if (socket.bufferedAmount > limits.bufferedBytes) {
      log.warn({ id }, 'Cut a socket that does not read.');
      closing = true;
      socket.terminate();
      return;
    }
    socket.send(text);
  };

  const handle = (data: Buffer, isBinary: boolean): void => {
    if (closing) return;
    const taken = takeToken(bucket, nowMs(), options.framesPerSecond, options.frameBurst);
    bucket = taken.bucket;
    if (!taken.allowed) {
      log.warn({ id }, 'Closed a socket that sent too many frames a second.');
      close(CLOSE_CODES.tooFast, 'too many frames a second');
      return;
    }
    let good = false;
    try {
      good = options.onFrame(isBinary ? undefined : parseJson(data));
    } catch (error) {
      // A frame nested thousands deep parses, but overflows the stack when it is written out again.
      log.warn({ id, error: error instanceof Error ? error.message : String(error) }, 'A frame could not be handled.');
    }
    if (good) return;
    badFrames += 1;
    if (badFrames >= limits.badFrames) close(CLOSE_CODES.badFrame, 'too many frames that do not parse');
  };

  socket.on('message', (data, isBinary) => {
    heardAtMs = nowMs();
    // `binaryType` stays 'nodebuffer': one Buffer per message.
    if (Buffer.isBuffer(data)) handle(data, isBinary);
  });
  socket.on('pong', () => {
    heardAtMs = nowMs();
  });
  // Without a listener an oversized frame would throw; ws closes the socket by itself (1009, 1007 or 1002).
  socket.on('error', (error) => log.warn({ id, error: error.message }, 'A socket failed.'));
  socket.on('close', () => {
    closing = true;
    options.onClosed();
  });

  return {
    id,
    send: (frame) => sendText(JSON.stringify(frame)),
    sendText,
    close,
    isOpen: () => !closing && socket.readyState === socket.OPEN,
    heardAtMs: () => heardAtMs,
    sweep: (nowMs) => {
      if (nowMs - heardAtMs >= limits.deadAfterMs) {
        closing = true;
        socket.terminate();
      } else if (nowMs - pingedAtMs >= limits.pingEveryMs) {
        pingedAtMs = nowMs;
        if (socket.readyState === socket.OPEN) socket.ping();
      }
    },
  };
}

function parseJson(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    return undefined;
  }
}
