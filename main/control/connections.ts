import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ControlLimits } from './control-limits.ts';
import { connectionToEnd, type OpenConnection } from './eviction.ts';

type Connection = OpenConnection & { socket: Socket; requests: number };

/** The connections of a server, kept within their number. */
export type Connections = {
  /**
   * Counts a request, and says so to its sender when it is the last one of the connection; false for one behind the last, which
   * nobody would hear of and which must therefore not be done.
   */
  countRequest(request: IncomingMessage, response: ServerResponse): boolean;
  /** A good token came with this request: it counts as work until it is answered. */
  prove(request: IncomingMessage, response: ServerResponse): void;
};

/** Watches the connections of a server. */
export function keepConnections(
  server: Server,
  limits: Pick<ControlLimits, 'maxConnections' | 'requestsPerConnection'>,
  monotonicMs: () => number,
): Connections {
  const connections = new Map<Socket, Connection>();

  server.on('connection', (socket) => {
    if (connections.size >= limits.maxConnections) {
      const ended = connectionToEnd(connections.values());
      if (ended === null) {
        socket.destroy();
        return;
      }
      connections.delete(ended.socket);
      ended.socket.destroy();
    }
    connections.set(socket, { socket, quietSinceMs: monotonicMs(), proven: false, working: 0, requests: 0 });
    socket.once('close', () => connections.delete(socket));
  });

  return {
    countRequest(request, response) {
      const connection = connections.get(request.socket);
      if (connection === undefined) return false;
      connection.requests += 1;
      if (connection.requests === limits.requestsPerConnection) response.setHeader('connection', 'close');
      return connection.requests <= limits.requestsPerConnection;
    },
    prove(request, response) {
      const connection = connections.get(request.socket);
      if (connection === undefined) return;
      connection.proven = true;
      connection.working += 1;
      response.once('close', () => {
        connection.working -= 1;
        connection.quietSinceMs = monotonicMs();
      });
    },
  };
}
