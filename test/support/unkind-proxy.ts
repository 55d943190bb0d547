import { once } from 'node:events';
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { bodyOf, closed, LENGTH_HEADERS, pacer, slices, without, writeTo } from './http-passing.ts';
import { listenOnLoopback, startUnkindNetwork } from './unkind-network.ts';
import type { Cut } from './unkind-network.ts';

/** One request as it passes. */
export type Seen = {
  /** Counted from 1. */
  number: number;
  /** By performance.now(). */
  atMs: number;
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  /** Of the body, as far as it came. */
  requestBytes: number;
  answerBytes: number;
  /** Null until somebody, the server or the proxy, answered. */
  status: number | null;
  endedAtMs: number | null;
  /** The rule that was applied to it. */
  rule: string | null;
};

/** A whole answer; its headers as name, value, name, value. */
export type Answer = { status: number; headers: string[]; body: Buffer };

/** What the proxy does to a request. */
export type Fault =
  /** Answers by itself; the server never hears of it. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: string }
  | { kind: 'resetBefore' }
  /** So much of the body is passed on, then both sides are cut off. */
  | { kind: 'resetInRequest'; afterBytes: number }
  /** The server did it, and nobody is told. */
  | { kind: 'resetBeforeAnswer' }
  | { kind: 'resetInAnswer'; afterBytes: number }
  /** Both bodies pass at this rate. */
  | { kind: 'slow'; bytesPerSecond: number }
  /** Takes the request as a whole; `forward` hands it to the server, changed or not. For small bodies. */
  | {
      kind: 'instead';
      run: (
        request: { seen: Seen; body: Buffer },
        forward: (body?: Buffer, path?: string) => Promise<Answer>,
      ) => Promise<Answer>;
    };

/** What is done to which requests. The first rule that fits is applied. */
export type Rule = {
  name: string;
  when: (seen: Seen) => boolean;
  /** So many that fit pass unharmed first. */
  skip?: number;
  /** How often it is applied; for ever when left out. */
  times?: number;
  fault: Fault;
};

/** What the proxy tells while a request passes; it waits at `request` and `answering` until the listener has resolved. */
export type Moment = {
  at: 'request' | 'bytes' | 'answering' | 'answered';
  seen: Seen;
};

/** A proxy in front of a real server that is as unkind as it is told to be. */
export type UnkindProxy = {
  /** Address to use in place of the server's. */
  url: string;
  port: number;
  /** All requests so far, in order of their coming. */
  log: readonly Seen[];
  /** Gives back what ends the rule. */
  add: (rule: Rule) => () => void;
  clearRules: () => void;
  /** How often a rule was applied. */
  applied: (name: string) => number;
  listen: (listener: (moment: Moment) => void | Promise<void>) => () => void;
  cut: (how: Cut) => void;
  restore: () => Promise<void>;
  /** Connections that hear nothing any more since a silent cut. */
  silenced: () => number;
  close: () => Promise<void>;
};

type Applied = Rule & { skipped: number; done: number };

/** What S3 answers when it is asked too often. */
export const SLOW_DOWN: Fault = {
  kind: 'answer',
  status: 503,
  headers: { 'content-type': 'application/xml' },
  body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>',
};

/** Starts a proxy in front of an HTTP server. Without rules it changes nothing: not a header, not a byte. */
export async function startUnkindProxy(target: { host: string; port: number }): Promise<UnkindProxy> {
  const agent = new Agent({ keepAlive: true });
  const log: Seen[] = [];
  const rules = new Set<Applied>();
  const counts = new Map<string, number>();
  const listeners = new Set<(moment: Moment) => void | Promise<void>>();

  const tell = async (at: Moment['at'], seen: Seen): Promise<void> => {
    for (const listener of listeners) await listener({ at, seen });
  };
  const ruleFor = (seen: Seen): Fault | null => {
    for (const rule of rules) {
      if (!rule.when(seen) || rule.done >= (rule.times ?? Number.POSITIVE_INFINITY)) continue;
      if (rule.skipped < (rule.skip ?? 0)) {
        rule.skipped += 1;
        continue;
      }
      rule.done += 1;
      counts.set(rule.name, (counts.get(rule.name) ?? 0) + 1);
      seen.rule = rule.name;
      return rule.fault;
    }
    return null;
  };

  /** A request to the server, with its headers as they came; the length is that of the body when one is given. */
  const open = (incoming: IncomingMessage, body?: Buffer, path?: string) => {
    const headers =
      body === undefined
        ? incoming.rawHeaders
        : [...without(incoming.rawHeaders, LENGTH_HEADERS), 'Content-Length', String(body.byteLength)];
    return httpRequest({ ...target, agent, method: incoming.method, path: path ?? incoming.url, headers });
  };

  const answer = async (seen: Seen, outgoing: ServerResponse, { status, headers, body }: Answer): Promise<void> => {
    seen.status = status;
    await tell('answering', seen);
    if (outgoing.destroyed) return;
    // Only the answer to HEAD tells of a body that it does not have.
    const length = ['Content-Length', String(body.byteLength)];
    outgoing.writeHead(status, seen.method === 'HEAD' ? headers : [...without(headers, LENGTH_HEADERS), ...length]);
    seen.answerBytes += body.byteLength;
    outgoing.end(body);
    await closed(outgoing);
    await tell('answered', seen);
  };

  /** Passes both bodies on as they come. */
  const pass = async (seen: Seen, incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault | null) => {
    const upstream = open(incoming);
    // Node takes the socket away from a message that is over.
    const { socket } = incoming;
    const cutOff = (): void => {
      upstream.destroy();
      socket.resetAndDestroy();
    };
    upstream.on('error', cutOff);
    upstream.on('continue', () => outgoing.writeContinue());
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) upstream.destroy();
    });
    const pace = fault?.kind === 'slow' ? pacer(fault.bytesPerSecond) : null;
    const answered = once(upstream, 'response') as Promise<[IncomingMessage]>;
    answered.catch(cutOff);
    const send = async (): Promise<void> => {
      for await (const piece of incoming) {
        let bytes = piece as Buffer;
        const isLast = fault?.kind === 'resetInRequest' && seen.requestBytes + bytes.byteLength >= fault.afterBytes;
        if (isLast) bytes = bytes.subarray(0, fault.afterBytes - seen.requestBytes);
        seen.requestBytes += bytes.byteLength;
        await tell('bytes', seen);
        for (const part of pace === null ? [bytes] : slices(bytes)) {
          await pace?.(part.byteLength);
          await writeTo(upstream, part);
        }
        if (isLast) return cutOff();
      }
      if (fault?.kind === 'resetInRequest') cutOff();
      else upstream.end();
    };
    // A client that goes away is part of the game.
    const sent = send().catch(() => upstream.destroy());
    const [response] = await answered;
    if (fault?.kind === 'resetBeforeAnswer') {
      response.resume();
      await Promise.race([once(response, 'end'), closed(response)]);
      return cutOff();
    }
    seen.status = response.statusCode ?? null;
    await tell('answering', seen);
    if (outgoing.destroyed) return;
    outgoing.writeHead(response.statusCode ?? 502, response.statusMessage, response.rawHeaders);
    response.on('error', cutOff);
    for await (const piece of response) {
      let bytes = piece as Buffer;
      const isLast = fault?.kind === 'resetInAnswer' && seen.answerBytes + bytes.byteLength >= fault.afterBytes;
      if (isLast) bytes = bytes.subarray(0, fault.afterBytes - seen.answerBytes);
      seen.answerBytes += bytes.byteLength;
      for (const part of pace === null ? [bytes] : slices(bytes)) {
        await pace?.(part.byteLength);
        if (outgoing.destroyed) return;
        await writeTo(outgoing, part);
      }
      if (isLast) {
        // What was written is on its way first.
        await delay(20);
        return cutOff();
      }
    }
    outgoing.end();
    await closed(outgoing);
    await tell('answered', seen);
    await sent;
  };

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const url = new URL(incoming.url ?? '/', 'http://proxy');
    const seen: Seen = {
      number: log.length + 1,
      atMs: performance.now(),
      method: incoming.method ?? '',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: incoming.headers,
      requestBytes: 0,
      answerBytes: 0,
      status: null,
      endedAtMs: null,
      rule: null,
    };
    log.push(seen);
    outgoing.on('close', () => {
      seen.endedAtMs = performance.now();
    });
    incoming.on('error', () => undefined);
    await tell('request', seen);
    const fault = ruleFor(seen);
    if (fault?.kind === 'resetBefore') {
      incoming.socket.resetAndDestroy();
    } else if (fault?.kind === 'answer') {
      // Read to its end, so that the client hears the answer and not a broken pipe.
      if (incoming.headers.expect === undefined) await bodyOf(incoming, seen);
      const { status, headers = {}, body = '' } = fault;
      await answer(seen, outgoing, { status, headers: Object.entries(headers).flat(), body: Buffer.from(body) });
    } else if (fault?.kind === 'instead') {
      if (incoming.headers.expect !== undefined) outgoing.writeContinue();
      const body = await bodyOf(incoming, seen);
      const forward = async (changed = body, path?: string): Promise<Answer> => {
        const upstream = open(incoming, changed, path);
        upstream.end(changed);
        const [response] = (await once(upstream, 'response')) as [IncomingMessage];
        const answered = await bodyOf(response, null);
        const headers = without(response.rawHeaders, ['transfer-encoding']);
        return { status: response.statusCode ?? 502, headers, body: answered };
      };
      await answer(seen, outgoing, await fault.run({ seen, body }, forward));
    } else {
      await pass(seen, incoming, outgoing, fault);
    }
  };

  const start = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { socket } = incoming;
    handle(incoming, outgoing).catch(() => socket.resetAndDestroy());
  };
  const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 }, start);
  server.on('checkContinue', start);
  const network = await startUnkindNetwork(await listenOnLoopback(server));
  return {
    url: `http://127.0.0.1:${network.port}`,
    port: network.port,
    log,
    add: (rule) => {
      const applied = { ...rule, skipped: 0, done: 0 };
      rules.add(applied);
      return () => void rules.delete(applied);
    },
    clearRules: () => rules.clear(),
    applied: (name) => counts.get(name) ?? 0,
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    cut: network.cut,
    restore: network.restore,
    silenced: network.silenced,
    close: async () => {
      await network.close();
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}
