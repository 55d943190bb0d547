import type { ClientRequest } from 'node:http';

/** Longer than a way around the earth takes, and short enough that a person does not give up on it. */
const CONNECT_LIMIT_MS = 10_000;

/** Ends a request whose connection does not come about in time. */
export function limitConnecting(outgoing: ClientRequest): void {
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => {
      outgoing.destroy(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' }));
    }, CONNECT_LIMIT_MS);
    const clear = (): void => clearTimeout(timer);
    socket.once('connect', clear);
    outgoing.once('close', clear);
  });
}
