import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on the loopback whose connections a test can cut, as a broken network does. */
export type TcpProxy = {
  port: number;
  /** Resets every connection that runs through. */
  cut(): void;
  /** Sends new connections to this port; null refuses them. */
  target(port: number | null): void;
  close(): Promise<void>;
};

/** Starts a proxy to a port on the loopback. */
export async function startTcpProxy(port: number): Promise<TcpProxy> {
  let target: number | null = port;
  const streams = new Set<Socket>();
  const cut = (): void => {
    for (const stream of streams) stream.resetAndDestroy();
  };
  const server = createServer((incoming) => {
    if (target === null) {
      incoming.resetAndDestroy();
      return;
    }
    const outgoing = connect(target, '127.0.0.1');
    for (const stream of [incoming, outgoing]) {
      streams.add(stream);
      stream.on('error', () => undefined);
      stream.on('close', () => {
        streams.delete(stream);
        incoming.destroy();
        outgoing.destroy();
      });
    }
    incoming.pipe(outgoing);
    outgoing.pipe(incoming);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    cut,
    target: (next) => {
      target = next;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
