import { connect } from 'node:net';

/** Longer than a way around the earth and back, several times over. */
const LIMIT_MS = 3_000;

/** Whether somebody answers at this address: a plain TCP connection, closed at once. Never rejects. */
export function reachable(address: { host: string; port: number }, limitMs = LIMIT_MS): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(address);
  const end = (isThere: boolean): void => {
    socket.destroy();
    resolve(isThere);
  };
  socket.setTimeout(limitMs, () => end(false));
  socket.once('connect', () => end(true));
  socket.on('error', () => end(false));
  return promise;
}
