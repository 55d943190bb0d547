import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { z } from 'zod';
import {
  controlRoutes,
  type ControlBody,
  type ControlData,
  type ControlParams,
  type ControlRouteName,
} from '../../contract/control-routes.ts';
import { CONTROL_HOST, controlErrorSchema, type ControlError } from '../../contract/control.ts';

/** The parts of a request, as a program sends them: the contract's types, or rubbish where a test wants it. */
export type ControlAsk = {
  params?: Record<string, string>;
  query?: Record<string, string | number>;
  /** Sent as JSON; undefined sends no body. */
  body?: unknown;
  /** In place of the client's; null sends none. */
  token?: string | null;
  headers?: Record<string, string>;
};

export type HttpAnswer = { status: number; headers: IncomingHttpHeaders; text: string };

export type ControlAnswer<N extends ControlRouteName> = HttpAnswer & {
  envelope: { success: true; data: ControlData<N>; message: string } | ControlError;
};

/** What a test sends of a route, by the contract. */
export type AskOf<N extends ControlRouteName> = Omit<ControlAsk, 'params' | 'body'> & {
  params?: { [P in keyof ControlParams<N>]: string };
  body?: Partial<Exclude<ControlBody<N>, null>>;
};

export type ControlClient = {
  readonly port: number;
  /** Asks for a route and parses the answer by the contract: an answer of another form rejects. */
  ask<N extends ControlRouteName>(name: N, ask?: AskOf<N>): Promise<ControlAnswer<N>>;
  /** The data of a success; rejects with code and message of an error. */
  data<N extends ControlRouteName>(name: N, ask?: AskOf<N>): Promise<ControlData<N>>;
  /** Any request at all. */
  send(method: string, target: string, ask?: ControlAsk): Promise<HttpAnswer>;
  close(): void;
};

const pathOf = (name: ControlRouteName, params: Record<string, string>): string =>
  controlRoutes[name].path.replaceAll(/:(\w+)/g, (_part, key: string) => encodeURIComponent(params[key] ?? ''));

/** A client of the control API over connections that stay open. */
export function controlClient({ port, token }: { port: number; token: string | null }): ControlClient {
  const agent = new Agent({ keepAlive: true });

  const send: ControlClient['send'] = (method, target, ask = {}) =>
    new Promise((resolve, reject) => {
      const sentToken = ask.token === undefined ? token : ask.token;
      const text = ask.body === undefined ? null : JSON.stringify(ask.body);
      const request = httpRequest(
        {
          host: CONTROL_HOST,
          port,
          method,
          path: target,
          agent,
          headers: {
            ...(sentToken === null ? {} : { authorization: `Bearer ${sentToken}` }),
            ...(text === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
            ...ask.headers,
          },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(parts).toString('utf8'),
            }),
          );
          response.on('error', reject);
        },
      );
      request.on('error', reject);
      request.end(text ?? undefined);
    });

  const ask: ControlClient['ask'] = async (name, ask = {}) => {
    const route = controlRoutes[name];
    const query = new URLSearchParams(Object.entries(ask.query ?? {}).map(([key, value]) => [key, String(value)]));
    const target = `${pathOf(name, ask.params ?? {})}${query.size === 0 ? '' : `?${query.toString()}`}`;
    const answer = await send(route.method, target, ask);
    const json: unknown = JSON.parse(answer.text);
    const success = z.object({ success: z.literal(true), data: route.data, message: z.string() });
    const envelope =
      name === 'openapi' && answer.status === 200
        ? { success: true, data: json, message: '' }
        : z.union([success, controlErrorSchema]).parse(json);
    return { ...answer, envelope } as ControlAnswer<typeof name>;
  };

  return {
    port,
    ask,
    send,
    async data(name, input) {
      const { envelope, status } = await ask(name, input);
      if (envelope.success) return envelope.data;
      throw new Error(`${name}: ${status} ${envelope.error.code}: ${envelope.error.message}`);
    },
    close: () => agent.destroy(),
  };
}

export type StreamEvent = { id: string; event: string; data: string };

/** A reader of server-sent events. */
export type EventReader = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The next event; rejects when the stream ended before it came. */
  next(): Promise<StreamEvent>;
  /** Comments that came so far. */
  comments(): number;
  /** Id to come back with, as a browser would have it. */
  lastEventId(): string;
  /** Resolves when the stream is over. */
  ended: Promise<void>;
  close(): void;
};

/** Opens the stream of events; a refusal has its status and no events. */
export async function readEvents(
  { port, token }: { port: number; token: string | null },
  headers: Record<string, string> = {},
): Promise<EventReader> {
  const request = httpRequest({
    host: CONTROL_HOST,
    port,
    path: '/api/events',
    agent: false,
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
  });
  request.end();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  response.setEncoding('utf8');

  const events: StreamEvent[] = [];
  const waiting: { resolve: (event: StreamEvent) => void; reject: (error: Error) => void }[] = [];
  let comments = 0;
  let lastEventId = '';
  let over = false;
  let rest = '';

  const block = (text: string): void => {
    let event = 'message';
    const data: string[] = [];
    for (const line of text.split('\n')) {
      if (line.startsWith(':')) comments += 1;
      const at = line.indexOf(': ');
      const value = line.slice(at + 2);
      if (line.startsWith('id: ')) lastEventId = value;
      else if (line.startsWith('event: ')) event = value;
      else if (line.startsWith('data: ')) data.push(value);
    }
    if (data.length === 0) return;
    const read = { id: lastEventId, event, data: data.join('\n') };
    const first = waiting.shift();
    if (first === undefined) events.push(read);
    else first.resolve(read);
  };

  response.on('data', (text: string) => {
    rest += text;
    for (let at = rest.indexOf('\n\n'); at !== -1; at = rest.indexOf('\n\n')) {
      block(rest.slice(0, at));
      rest = rest.slice(at + 2);
    }
  });
  const ended = new Promise<void>((resolve) => {
    response.once('close', () => {
      over = true;
      for (const { reject } of waiting.splice(0)) reject(new Error('The stream ended.'));
      resolve();
    });
  });

  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    next: () => {
      const event = events.shift();
      if (event !== undefined) return Promise.resolve(event);
      if (over) return Promise.reject(new Error('The stream ended.'));
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    comments: () => comments,
    lastEventId: () => lastEventId,
    ended,
    close: () => request.destroy(),
  };
}

/** Resolves when a connection is over, by whatever end. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** Sends raw bytes on a connection of its own and gives back all that came until the other side closed it. */
export async function exchangeRaw(port: number, ...pieces: (string | Buffer)[]): Promise<string> {
  const socket = connect(port, CONTROL_HOST);
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part));
  // A reset is an end as well.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  for (const piece of pieces) socket.write(piece);
  await closed(socket);
  return Buffer.concat(parts).toString('latin1');
}
