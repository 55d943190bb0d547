import type { IncomingMessage, ServerResponse } from 'node:http';

/** Marks an answer that goes on for as long as its reader wants, and has limits of its own. */
const LASTING = new WeakSet<ServerResponse>();

/** Takes the limit of time off an answer. */
export function letLast(response: ServerResponse): void {
  LASTING.add(response);
}

/** Ends the connection of a reader that has not taken the whole answer `answerMs` after it was ended. */
export function watchReader(request: IncomingMessage, response: ServerResponse, answerMs: number): void {
  let timer: NodeJS.Timeout | undefined;
  // `prefinish` is when the handler ended it, `finish` when the system took the last byte.
  response.once('prefinish', () => {
    if (LASTING.has(response) || response.writableFinished) return;
    timer = setTimeout(() => request.socket.destroy(), answerMs);
    timer.unref();
  });
  response.once('finish', () => clearTimeout(timer));
  response.once('close', () => clearTimeout(timer));
}

/** Reads on, within a bound, the body of a request that was answered before it was read: its sender hears the answer that way. */
export function readRefused(request: IncomingMessage, response: ServerResponse, maxBytes: number): void {
  response.once('finish', () => {
    if (request.complete) return;
    let leftBytes = maxBytes;
    request.on('data', (bytes: Buffer) => {
      leftBytes -= bytes.length;
      if (leftBytes < 0) request.socket.destroy();
    });
  });
}
