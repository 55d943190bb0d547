import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { exchangeRaw } from '../support/control-client.ts';
import { startRawControl, statusesOf, wire } from '../support/raw-control.ts';

describe('who may speak to the control API at all', () => {
  it('knows itself by both of its names', async () => {
    const { port, host } = await startRawControl();
    expect(statusesOf(await exchangeRaw(port, wire(['GET /health HTTP/1.1', host])))).toEqual([200]);
    const other = wire(['GET /health HTTP/1.1', `Host: localhost:${port}`]);
    expect(statusesOf(await exchangeRaw(port, other))).toEqual([200]);
  });

  it.each([
    ['of a page that was made to point here', (port: number) => [`Host: rebound.example.org:${port}`]],
    ['that only begins like ours', (port: number) => [`Host: 127.0.0.1.example.org:${port}`]],
    ['with a name before it', (port: number) => [`Host: me@127.0.0.1:${port}`]],
    ['without the port', () => ['Host: 127.0.0.1']],
    ['with another port', (port: number) => [`Host: 127.0.0.1:${port + 1}`]],
    ['with a zero before the port', (port: number) => [`Host: 127.0.0.1:0${port}`]],
    ['of another way to write the address', (port: number) => [`Host: 127.1:${port}`]],
    ['of the other loopback', (port: number) => [`Host: [::1]:${port}`]],
    ['that is empty', () => ['Host:']],
    ['that is missing', () => []],
    ['that is there twice', (port: number) => [`Host: 127.0.0.1:${port}`, `Host: 127.0.0.1:${port}`]],
    [
      'that is there twice, hidden behind many others',
      (port: number) => [`Host: 127.0.0.1:${port}`, ...Array.from({ length: 1500 }, () => 'a:'), 'Host: example.org'],
    ],
  ])('refuses a host %s, whatever the token', async (_which, hosts) => {
    const { port, bearer } = await startRawControl();
    const answer = await exchangeRaw(port, wire(['GET /api/video-calls HTTP/1.1', ...hosts(port), bearer]));
    expect(statusesOf(answer)).toEqual([403]);
    expect(answer).toContain('"code":"FORBIDDEN"');
  });

  it.each([
    ['a foreign origin', () => ['Origin: https://example.org']],
    ['the origin of a file', () => ['Origin: null']],
    ['an origin that looks like its own', (port: number) => [`Origin: http://127.0.0.1:${port}`]],
    ['an empty origin', () => ['Origin:']],
    ['an image in a page', () => ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors']],
    ['a page of the same site', () => ['Sec-Fetch-Site: same-site']],
    ['a page of the same origin', () => ['Sec-Fetch-Site: same-origin']],
    ['a page that says none as well', () => ['Sec-Fetch-Site: none', 'Sec-Fetch-Site: cross-site']],
  ])('refuses %s, whatever the token', async (_which, headers) => {
    const { port, host, bearer } = await startRawControl();
    for (const target of ['/api/video-calls', '/health', '/nothing', '/api/video-calls/%zz']) {
      const answer = await exchangeRaw(port, wire([`GET ${target} HTTP/1.1`, host, bearer, ...headers(port)]));
      expect(statusesOf(answer)).toEqual([403]);
      expect(answer.toLowerCase()).not.toContain('access-control');
    }
  });

  it('lets an address be typed into a browser', async () => {
    const { port, host } = await startRawControl();
    const answer = await exchangeRaw(port, wire(['GET /health HTTP/1.1', host, 'Sec-Fetch-Site: none']));
    expect(statusesOf(answer)).toEqual([200]);
  });

  it('gives a page that asks whether it may (OPTIONS) no permission of any kind', async () => {
    const { port, host } = await startRawControl();
    const asking = [
      'OPTIONS /api/video-calls HTTP/1.1',
      host,
      'Origin: https://example.org',
      'Access-Control-Request-Method: POST',
      'Access-Control-Request-Headers: authorization',
      'Access-Control-Request-Private-Network: true',
    ];
    const withOrigin = await exchangeRaw(port, wire(asking));
    const without = await exchangeRaw(port, wire(asking.filter((line) => !line.startsWith('Origin'))));
    expect([...statusesOf(withOrigin), ...statusesOf(without)]).toEqual([403, 404]);
    expect(`${withOrigin}${without}`.toLowerCase()).not.toContain('access-control');
    expect(`${withOrigin}${without}`.toLowerCase()).not.toContain('allow:');
  });

  it('listens on the loopback of IPv4 only', async () => {
    const { port } = await startRawControl();
    for (const address of ['::1', '127.0.0.2']) {
      const socket = connect(port, address);
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
      expect(['ECONNREFUSED', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETUNREACH']).toContain(error.code);
    }
  });
});
