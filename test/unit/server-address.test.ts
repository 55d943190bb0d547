import { expect, test } from 'vitest';
import { formatServerAddress, parseServerAddress, reachableHosts } from '../../main/calls/server-address.ts';

test.each([
  ['ws://127.0.0.1:9770', { host: '127.0.0.1', port: 9770, secure: false }, 'ws://127.0.0.1:9770'],
  ['wss://calls.example.org', { host: 'calls.example.org', port: 443, secure: true }, 'wss://calls.example.org:443'],
  ['ws://calls.example.org/', { host: 'calls.example.org', port: 80, secure: false }, 'ws://calls.example.org:80'],
  ['ws://[::1]:9770', { host: '::1', port: 9770, secure: false }, 'ws://[::1]:9770'],
])('%s is read and written again', (text, address, written) => {
  expect(parseServerAddress(text)).toEqual(address);
  expect(formatServerAddress(address)).toBe(written);
});

test.each([
  'http://calls.example.org',
  'file:///etc/passwd',
  'ws://user:password@calls.example.org',
  'wss://calls.example.org/path',
  'wss://calls.example.org?x=1',
  'wss://calls.example.org#x',
  'ws://calls.example.org:0',
  'ws://',
  'calls.example.org',
  '',
])('%j is refused with a sentence', (text) => {
  expect(() => parseServerAddress(text)).toThrowError(expect.objectContaining({ code: 'SIGNALING_REFUSED' }));
});

test('a server on every interface is reached by its own window on the loopback and by others over the network', () => {
  expect(reachableHosts('0.0.0.0', ['192.168.1.5', '10.0.0.1'])).toEqual({ own: '127.0.0.1', invite: '192.168.1.5' });
  expect(reachableHosts('0.0.0.0', [])).toEqual({ own: '127.0.0.1', invite: '127.0.0.1' });
});

test('a server on one address is reached there by everybody', () => {
  expect(reachableHosts('127.0.0.1', ['192.168.1.5'])).toEqual({ own: '127.0.0.1', invite: '127.0.0.1' });
  expect(reachableHosts('192.168.1.5', ['10.0.0.1'])).toEqual({ own: '192.168.1.5', invite: '192.168.1.5' });
});
