import { request as httpRequest, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import {
  controlRoutes,
  type ControlData,
  type ControlParams,
  type ControlRouteName,
} from '../../contract/control-routes.ts';
import { CONTROL_HOST, controlErrorSchema, EVENTS_PATH, type ControlFile } from '../../contract/control.ts';
import { CliFailure, Interrupted } from './cli-failure.ts';

/** A page of 200 recordings with all their tracks is about 2 MB. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

type Body<N extends ControlRouteName> = (typeof controlRoutes)[N]['body'] extends z.ZodType
  ? z.input<(typeof controlRoutes)[N]['body']>
  : null;

export type ControlQuestion<N extends ControlRouteName> = {
  params: ControlParams<N>;
  query?: Readonly<Record<string, string | number | undefined>>;
  body: Body<N>;
  /** Null waits as long as the app lives. */
  limitMs: number | null;
};

/** A running app, asked by its control API. */
export type ControlClient = {
  /** The answer as the contract knows it, and as it came. Throws CliFailure, or Interrupted. */
  ask<N extends ControlRouteName>(
    route: N,
    question: ControlQuestion<N>,
  ): Promise<{ data: ControlData<N>; raw: unknown }>;
  /** Opens the stream of events behind this id; the answer is read by the caller. */
  openEvents(lastEventId: string | null): Promise<IncomingMessage>;
};

type Sent = { method: string; path: string; body: string | null; headers: Record<string, string> };

/** A client of the app that control.json told of; `signal` gives up what is under way. */
export function createControlClient({ port, token }: ControlFile, signal: AbortSignal): ControlClient {
  const send = ({ method, path, body, headers }: Sent, limitMs: number | null): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(asFailure(error, port, signal));
      const request = httpRequest(
        {
          host: CONTROL_HOST,
          port,
          method,
          path,
          // One question, one connection: an agent that keeps it would keep the process.
          agent: false,
          signal,
          headers: {
            ...headers,
            authorization: `Bearer ${token}`,
            ...(body === null
              ? {}
              : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
          },
        },
        resolve,
      );
      request.on('error', fail);
      if (limitMs !== null) request.setTimeout(limitMs, () => request.destroy(new TooLate()));
      request.end(body ?? undefined);
    });

  return {
    async ask(route, { params, query, body, limitMs }) {
      const { method, path, data } = controlRoutes[route];
      const message = await send(
        {
          method,
          path: `${fill(path, params)}${formatQuery(query ?? {})}`,
          body: body === null ? null : JSON.stringify(body),
          headers: { accept: 'application/json' },
        },
        limitMs,
      );
      const text = await textOf(message).catch((error: unknown) => {
        throw asFailure(error, port, signal);
      });
      const envelope = parseJson(text);
      if (message.statusCode !== undefined && message.statusCode < 300) {
        const good = parseUntrusted(z.object({ success: z.literal(true), data }), envelope);
        const raw = typeof envelope === 'object' && envelope !== null ? Reflect.get(envelope, 'data') : undefined;
        // The schema of this very route; the compiler loses which one of the table it is.
        if (good.success) return { data: good.data.data as ControlData<typeof route>, raw };
      }
      throw refusal(envelope, message.statusCode);
    },
    async openEvents(lastEventId) {
      const message = await send(
        {
          method: 'GET',
          path: EVENTS_PATH,
          body: null,
          headers: {
            accept: 'text/event-stream',
            ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
          },
        },
        null,
      );
      if (message.statusCode === 200) return message;
      throw refusal(parseJson(await textOf(message)), message.statusCode);
    },
  };
}

class TooLate extends Error {}

function asFailure(error: unknown, port: number, signal: AbortSignal): Error {
  if (signal.aborted) return new Interrupted();
  if (error instanceof CliFailure) return error;
  return error instanceof TooLate
    ? new CliFailure('APP_UNREACHABLE', 'Tallylight did not answer in time.')
    : new CliFailure('APP_UNREACHABLE', `Tallylight could not be reached on port ${port} of this computer.`);
}

/** The refusal of the app in its own words; an answer that is none of its is told as such. */
function refusal(envelope: unknown, status: number | undefined): CliFailure {
  const parsed = parseUntrusted(controlErrorSchema, envelope);
  if (parsed.success) {
    const { code, message, details } = parsed.data.error;
    return new CliFailure(code, message, details);
  }
  return new CliFailure(
    'APP_UNREACHABLE',
    `What answered is not Tallylight, or another version of it (HTTP ${status ?? 'without status'}).`,
  );
}

function fill(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/:(\w+)/g, (_whole, name: string) => encodeURIComponent(params[name] ?? ''));
}

function formatQuery(query: Readonly<Record<string, string | number | undefined>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

async function textOf(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of message) {
    const chunk = Buffer.from(part as Uint8Array);
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES)
      throw new CliFailure('APP_UNREACHABLE', 'The answer is longer than any of Tallylight.');
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
