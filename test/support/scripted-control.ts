import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { CONTROL_FILE, CONTROL_HOST } from '../../contract/control.ts';

export const SCRIPTED_TOKEN = 'scripted-token-of-forty-characters-or-so';

/** A server that says what a test wants, where the real one never would. */
export type ScriptedControl = {
  port: number;
  requests: IncomingMessage[];
  /** Waits until so many requests have come. */
  asked(count: number): Promise<void>;
  /** Takes its control.json along. */
  close(): Promise<void>;
};

/** Answers every request on a port that the profile's control.json names. */
export async function scriptControl(
  profileFolder: string,
  answer: (request: IncomingMessage, response: ServerResponse, nth: number) => void,
): Promise<ScriptedControl> {
  const requests: IncomingMessage[] = [];
  let waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response, requests.length);
    const now = waiting;
    waiting = [];
    for (const look of now) look();
  });
  server.listen(0, CONTROL_HOST);
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  await writeControl(profileFolder, { port, pid: process.pid });
  return {
    port,
    requests,
    async asked(count) {
      while (requests.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    async close() {
      await rm(join(profileFolder, CONTROL_FILE), { force: true, recursive: true });
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Writes a control.json. */
export async function writeControl(
  profileFolder: string,
  { port, pid, token = SCRIPTED_TOKEN }: { port: number; pid: number; token?: string },
): Promise<string> {
  await mkdir(profileFolder, { recursive: true });
  const path = join(profileFolder, CONTROL_FILE);
  await writeFile(path, JSON.stringify({ port, token, pid }), { mode: 0o600 });
  return path;
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
