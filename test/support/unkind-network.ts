import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/**
 * How a network goes away. `reset`: connections break, new ones are refused. `silent`: connections hear nothing any more, new ones
 * are refused, as when the cable of this computer is pulled. `swallow`: new ones are taken as well, and never hear anything.
 */
export type Cut = 'reset' | 'silent' | 'swallow';

/** A port of the loopback behind which a network lies that a test can take away. */
export type UnkindNetwork = {
  port: number;
  cut: (how: Cut) => void;
  /** New connections pass again. What was silent stays dead for ever: a router on the way has forgotten it. */
  restore: () => Promise<void>;
  /** Connections that hear nothing any more. */
  silenced: () => number;
  close: () => Promise<void>;
};

type Pair = { incoming: Socket; outgoing: Socket };

/** Puts a network in front of a port of the loopback. */
export async function startUnkindNetwork(target: number): Promise<UnkindNetwork> {
  const pairs = new Set<Pair>();
  const silenced = new Set<Socket>();
  let swallows = false;

  const take = (incoming: Socket): void => {
    incoming.on('error', () => undefined);
    if (swallows) {
      incoming.pause();
      silenced.add(incoming);
      return;
    }
    const outgoing = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    const pair = { incoming, outgoing };
    pairs.add(pair);
    for (const [here, there] of bothWays(pair)) {
      here.setNoDelay(true);
      here.pipe(there);
      // A reset must arrive as one, not as an orderly end.
      here.on('error', () => pairs.has(pair) && there.resetAndDestroy());
      here.on('close', () => {
        if (pairs.delete(pair)) there.destroy();
      });
    }
  };

  let server: Server | null = createServer({ allowHalfOpen: true }, take);
  const port = await listenOnLoopback(server);
  const stopListening = (): void => {
    server?.close();
    server = null;
  };
  return {
    port,
    cut: (how) => {
      swallows = how === 'swallow';
      if (!swallows) stopListening();
      for (const pair of pairs) {
        pairs.delete(pair);
        for (const [here, there] of bothWays(pair)) {
          here.unpipe(there);
          here.pause();
        }
        if (how === 'reset') pair.incoming.resetAndDestroy();
        else silenced.add(pair.incoming);
        // The far end would notice in its own time.
        pair.outgoing.resetAndDestroy();
      }
    },
    restore: async () => {
      swallows = false;
      if (server !== null) return;
      server = createServer({ allowHalfOpen: true }, take);
      await listenOnLoopback(server, port);
    },
    silenced: () => silenced.size,
    close: async () => {
      stopListening();
      for (const socket of [...silenced, ...[...pairs].map((pair) => pair.incoming)]) socket.resetAndDestroy();
    },
  };
}

function bothWays({ incoming, outgoing }: Pair): [Socket, Socket][] {
  return [
    [incoming, outgoing],
    [outgoing, incoming],
  ];
}

/** Listens on a port of the loopback, a free one unless it is named, and says which. */
export async function listenOnLoopback(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('There is no port.');
  return address.port;
}
