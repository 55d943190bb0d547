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
  const begin = (): void => {
    timer = setTimeout(() => request.socket.destroy(), answerMs);
    timer.unref();
  };
  // `prefinish` is when the handler ended it, `finish` when the system took the last byte.
  response.once('prefinish', () => {
    if (LASTING.has(response)) return;
    // An answer behind one that is not ready yet (a client that did not wait) has no socket: it is not its reader who is late.
    if (response.socket === null) response.once('socket', begin);
    else begin();
  });
  response.once('finish', () => clearTimeout(timer));
  response.once('close', () => clearTimeout(timer));
}

/** Reads on, within a bound, the body of a request that was answered before it was read: its sender hears the answer that way. */
export function readRefused(request: IncomingMessage, response: ServerResponse, maxBytes: number): void {
  response.once('prefinish', () => {
    if (request.complete) return;
    let leftBytes = maxBytes;
    request.on('data', (bytes: Buffer) => {
      leftBytes -= bytes.length;
      if (leftBytes < 0) request.socket.destroy();
    });
    // Before Node finds it unread, and from then on reads and drops it without any bound.
    request.read(0);
  });
}
