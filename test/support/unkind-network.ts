import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/**
 * How a network goes away. `reset`: connections break and new ones are refused, as when a cable is pulled at this computer; `silent`:
 * nothing passes any more and nobody is told, as when it is pulled further away.
 */
export type Cut = 'reset' | 'silent';

/** A port of the loopback behind which a network lies that a test can take away. */
export type UnkindNetwork = {
  port: number;
  cut: (how: Cut) => void;
  /** New connections pass again. What was silent stays dead for ever: a router on the way has forgotten it. */
  restore: () => void;
  /** Connections that hear nothing any more since a silent cut. */
  silenced: () => number;
  close: () => Promise<void>;
};

type Pair = { incoming: Socket; outgoing: Socket };

/** Puts a network in front of a port of the loopback. */
export async function startUnkindNetwork(target: number): Promise<UnkindNetwork> {
  const pairs = new Set<Pair>();
  /** Connections that were made while nothing passed. */
  const unheard = new Set<Socket>();
  let state: 'up' | Cut = 'up';
  const server = createServer({ allowHalfOpen: true }, (incoming) => {
    incoming.on('error', () => undefined);
    if (state === 'reset') {
      incoming.resetAndDestroy();
      return;
    }
    if (state === 'silent') {
      incoming.pause();
      unheard.add(incoming);
      return;
    }
    const outgoing = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    const pair = { incoming, outgoing };
    pairs.add(pair);
    for (const [here, there] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      here.setNoDelay(true);
      here.pipe(there);
      // A reset must arrive as one, not as an orderly end.
      here.on('error', () => there.resetAndDestroy());
      here.on('close', () => {
        pairs.delete(pair);
        if (state !== 'silent') there.destroy();
      });
    }
  });
  const port = await listenOnLoopback(server);
  return {
    port,
    cut: (how) => {
      state = how;
      for (const { incoming, outgoing } of pairs) {
        if (how === 'reset') incoming.resetAndDestroy();
        for (const [here, there] of [
          [incoming, outgoing],
          [outgoing, incoming],
        ] as const) {
          here.unpipe(there);
          here.pause();
        }
        // The far end notices in its own time; here it may know at once.
        outgoing.resetAndDestroy();
        if (how === 'silent') unheard.add(incoming);
      }
      pairs.clear();
    },
    restore: () => {
      state = 'up';
    },
    silenced: () => unheard.size,
    close: async () => {
      for (const socket of [...unheard, ...[...pairs].flatMap((pair) => [pair.incoming, pair.outgoing])]) {
        socket.resetAndDestroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}

/** Listens on a free port of the loopback and says which. */
export async function listenOnLoopback(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('There is no port.');
  return address.port;
}
