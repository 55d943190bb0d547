import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

export type SeenRequest = {
  method: string;
  /** Path and query as they came. */
  url: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
};

/** An answer: whole, or made by hand (slowly, halfway, not at all). */
export type ScriptedAnswer =
  | { status: number; headers?: Record<string, string>; body?: string | Uint8Array }
  | ((response: ServerResponse) => void);

/** A server that says what a test tells it to say: a fake, for what no real one can be made to do. */
export type ScriptedServer = {
  endpoint: string;
  server: Server;
  seen: SeenRequest[];
  /** What it says from now on. */
  answer: (script: (request: SeenRequest) => ScriptedAnswer) => void;
  close: () => Promise<void>;
};

/** Starts one on a free port of this machine. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  let script: (request: SeenRequest) => ScriptedAnswer = () => ({ status: 500 });
  const seen: SeenRequest[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
    const { method = '', url = '', headers } = request;
    const { searchParams: query } = new URL(url, 'http://localhost');
    const one = { method, url, query, headers, body: Buffer.concat(chunks) };
    seen.push(one);
    const answer = script(one);
    if (typeof answer === 'function') answer(response);
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  };
  const server = createServer((request, response) => {
    // Whoever goes away in the middle is part of some tests.
    respond(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    server,
    seen,
    answer: (next) => {
      script = next;
      seen.length = 0;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
