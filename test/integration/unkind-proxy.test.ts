import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listenOnLoopback } from '../support/unkind-network.ts';
import { SLOW_DOWN, startUnkindProxy } from '../support/unkind-proxy.ts';
import type { UnkindProxy } from '../support/unkind-proxy.ts';

type Got = { method: string; url: string; rawHeaders: string[]; body: string; whole: boolean };

let got: Got[];
let server: Server;
let proxy: UnkindProxy;
let heard: () => Promise<Got>;

beforeEach(async () => {
  got = [];
  let arrived = Promise.withResolvers<Got>();
  heard = () => arrived.promise;
  server = createServer((incoming, outgoing) => {
    const { method = '', url = '', rawHeaders } = incoming;
    const each: Got = { method, url, rawHeaders, body: '', whole: false };
    got.push(each);
    incoming.setEncoding('latin1');
    incoming.on('data', (piece: string) => (each.body += piece));
    incoming.on('error', () => undefined);
    incoming.on('end', () => {
      each.whole = true;
      outgoing.writeHead(200, ['X-Odd-CASE', 'kept', 'Content-Length', '10']);
      outgoing.end('0123456789');
    });
    incoming.on('close', () => {
      arrived.resolve(each);
      arrived = Promise.withResolvers();
    });
  });
  proxy = await startUnkindProxy({ host: '127.0.0.1', port: await listenOnLoopback(server) });
});

afterEach(async () => {
  await proxy.close();
  server.closeAllConnections();
  server.close();
});

async function ask(body: string, headers: Record<string, string> = {}, signal?: AbortSignal) {
  const sent = request(`${proxy.url}/bucket/a%20key?partNumber=2&uploadId=x`, {
    method: 'PUT',
    agent: false,
    headers: { Host: 'bucket.example:1234', 'Content-Length': Buffer.byteLength(body), ...headers },
    ...(signal === undefined ? {} : { signal }),
  });
  if (headers['Expect'] === undefined) sent.end(body);
  else sent.on('continue', () => sent.end(body));
  sent.on('error', () => undefined);
  sent.flushHeaders();
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const piece of response) text += String(piece);
  return { status: response.statusCode, rawHeaders: response.rawHeaders as string[], text };
}

describe('the unkind proxy', () => {
  it('changes nothing when it has no rules, and keeps a log', async () => {
    const answer = await ask('x'.repeat(300_000), { 'X-Own-CASE': 'as it is' });
    expect(answer).toMatchObject({ status: 200, text: '0123456789' });
    expect(answer.rawHeaders).toEqual(expect.arrayContaining(['X-Odd-CASE', 'kept']));
    expect(got[0]).toMatchObject({ method: 'PUT', url: '/bucket/a%20key?partNumber=2&uploadId=x', whole: true });
    expect(got[0]?.rawHeaders.slice(0, 2)).toEqual(['Host', 'bucket.example:1234']);
    expect(got[0]?.rawHeaders).toEqual(expect.arrayContaining(['X-Own-CASE', 'as it is']));
    expect(got[0]?.body).toBe('x'.repeat(300_000));
    expect(proxy.log[0]).toMatchObject({ path: '/bucket/a key', requestBytes: 300_000, answerBytes: 10, status: 200 });
    expect(proxy.log[0]?.query.get('partNumber')).toBe('2');
  });

  it('hands on what a client asks before it sends a body', async () => {
    expect(await ask('body', { Expect: '100-continue' })).toMatchObject({ status: 200 });
    expect(got[0]?.body).toBe('body');
  });

  it('answers by itself so many times after so many', async () => {
    proxy.add({ name: 'storm', when: ({ method }) => method === 'PUT', skip: 1, times: 2, fault: SLOW_DOWN });
    const statuses = [];
    for (let index = 0; index < 4; index += 1) statuses.push((await ask('part')).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
    expect(got).toHaveLength(2);
    expect(proxy.applied('storm')).toBe(2);
    expect(proxy.log.map(({ rule }) => rule)).toEqual([null, 'storm', 'storm', null]);
  });

  it('resets before a request: the server never hears of it', async () => {
    proxy.add({ name: 'reset', when: () => true, fault: { kind: 'resetBefore' } });
    await expect(ask('part')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(got).toHaveLength(0);
  });

  it('resets in the middle of a request: the server gets a part of it', async () => {
    proxy.add({ name: 'reset', when: () => true, fault: { kind: 'resetInRequest', afterBytes: 70_000 } });
    const partial = heard();
    await expect(ask('x'.repeat(300_000))).rejects.toThrow();
    expect(await partial).toMatchObject({ whole: false });
    expect(got[0]?.body.length).toBeLessThanOrEqual(70_000);
    expect(proxy.log[0]?.requestBytes).toBe(70_000);
  });

  it('resets before the answer: the server did it', async () => {
    proxy.add({ name: 'reset', when: () => true, fault: { kind: 'resetBeforeAnswer' } });
    await expect(ask('part')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(got[0]).toMatchObject({ whole: true, body: 'part' });
  });

  it('resets in the middle of an answer', async () => {
    proxy.add({ name: 'reset', when: () => true, fault: { kind: 'resetInAnswer', afterBytes: 4 } });
    await expect(ask('part')).rejects.toThrow();
    expect(proxy.log[0]?.answerBytes).toBe(4);
  });

  it('lets bodies pass at a rate', async () => {
    proxy.add({ name: 'slow', when: () => true, fault: { kind: 'slow', bytesPerSecond: 10_000 } });
    const sinceMs = performance.now();
    await ask('x'.repeat(3_000));
    expect(performance.now() - sinceMs).toBeGreaterThan(250);
  });

  it('answers something else than what the server was asked and said', async () => {
    proxy.add({
      name: 'lie',
      when: () => true,
      fault: {
        kind: 'instead',
        run: async ({ body }, forward) => {
          const answer = await forward(body.subarray(0, -1));
          return { ...answer, body: Buffer.from('all there'), headers: ['ETag', '"x"'] };
        },
      },
    });
    expect(await ask('four')).toMatchObject({ status: 200, text: 'all there' });
    expect(got[0]?.body).toBe('fou');
  });

  it('waits for whoever listens before it passes a request and its answer on', async () => {
    const moments: string[] = [];
    proxy.listen(async ({ at }) => {
      await Promise.resolve();
      moments.push(`${at} ${got.length}`);
    });
    await ask('part');
    expect(moments.slice(0, 3)).toEqual(['request 0', 'bytes 0', 'answering 1']);
  });

  it('takes the network away with resets, refuses new connections, and gives it back', async () => {
    proxy.add({ name: 'held', when: () => true, times: 1, fault: { kind: 'slow', bytesPerSecond: 1 } });
    const arrived = new Promise((resolve) => proxy.listen(resolve));
    const broken = expect(ask('during')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await arrived;
    proxy.cut('reset');
    await broken;
    await expect(ask('refused')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.restore();
    expect(await ask('after')).toMatchObject({ status: 200 });
  });

  it('takes the network away without a word: what was under way then is never answered', async () => {
    proxy.add({ name: 'held', when: () => true, times: 1, fault: { kind: 'slow', bytesPerSecond: 1 } });
    const arrived = new Promise((resolve) => proxy.listen(resolve));
    const giveUp = new AbortController();
    const during = ask('during', {}, giveUp.signal);
    await arrived;
    proxy.cut('silent');
    await expect(ask('refused')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.restore();
    expect(await ask('after')).toMatchObject({ status: 200 });
    giveUp.abort();
    await expect(during).rejects.toThrow();
    expect(got.map(({ body }) => body)).not.toContain('during');
  });

  it('swallows new connections when it is told to', async () => {
    proxy.cut('swallow');
    const giveUp = new AbortController();
    const during = ask('during', {}, giveUp.signal);
    await vi.waitFor(() => expect(proxy.silenced()).toBe(1));
    await proxy.restore();
    expect(await ask('after')).toMatchObject({ status: 200 });
    giveUp.abort();
    await expect(during).rejects.toThrow();
    expect(got.map(({ body }) => body)).toEqual(['after']);
  });
});
