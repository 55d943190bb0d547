/** An open connection as the door judges it. */
export type OpenConnection = {
  /** When it was opened, or when its last request was answered. */
  quietSinceMs: number;
  /** Whether a good token came on it. */
  proven: boolean;
  /** Requests with a good token that are being answered on it, streams of events too. */
  working: number;
};

/**
 * Picks which connection makes room for a new one: the longest quiet of those without a token, then of those with one; null when
 * all of them are at work. Slow connections thus starve each other and not a program that sends its request at once.
 */
export function connectionToEnd<C extends OpenConnection>(connections: Iterable<C>): C | null {
  let chosen: C | null = null;
  for (const connection of connections) {
    if (connection.working > 0) continue;
    if (chosen === null || goesBefore(connection, chosen)) chosen = connection;
  }
  return chosen;
}

function goesBefore(one: OpenConnection, other: OpenConnection): boolean {
  return one.proven === other.proven ? one.quietSinceMs < other.quietSinceMs : !one.proven;
}
