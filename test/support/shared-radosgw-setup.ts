/** Vitest's global set-up: one radosgw for all test files of a run, started when the first of them asks. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import { startRadosgw } from './radosgw.ts';
import type { Radosgw } from './radosgw.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test asks for the server: GET answers with its address. */
    radosgwDesk: string;
  }
}

/** Opens the desk where test files ask; answers with what ends the server, if one was started. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  let started: Promise<Radosgw> | null = null;
  const desk = createServer((_request, response) => {
    started ??= startRadosgw();
    started.then(
      ({ endpoint }) => response.end(endpoint),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  desk.listen(0, '127.0.0.1');
  await once(desk, 'listening');
  const address = desk.address();
  if (address === null || typeof address === 'string') throw new Error('no port for the desk');
  project.provide('radosgwDesk', `http://127.0.0.1:${address.port}/`);
  return async () => {
    desk.closeAllConnections();
    desk.close();
    await (await started?.catch(() => null))?.stop();
  };
}
