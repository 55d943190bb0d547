import { networkInterfaces } from 'node:os';
import { AppError } from '../../contract/errors.ts';

/** Where a signaling server is: no path, no query, nothing but ws:// or wss:// with a host and a port. */
export type ServerAddress = { host: string; port: number; secure: boolean };

/** Reads the address of a signaling server from the settings or an invite; throws SIGNALING_REFUSED for any other kind. */
export function parseServerAddress(text: string): ServerAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain =
    url !== null &&
    (url.protocol === 'ws:' || url.protocol === 'wss:') &&
    url.hostname !== '' &&
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === '';
  if (!plain) {
    const message = `"${text.slice(0, 100)}" is no address of a signaling server. It looks like wss://calls.example.org.`;
    throw new AppError('SIGNALING_REFUSED', message);
  }
  const secure = url.protocol === 'wss:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  if (port < 1) throw new AppError('SIGNALING_REFUSED', `"${text.slice(0, 100)}" names port 0.`);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, secure };
}

/** Writes an address the way it stands in an invite link. */
export function formatServerAddress(address: ServerAddress): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${address.secure ? 'wss' : 'ws'}://${host}:${address.port}`;
}

/**
 * Which hosts reach a server that listens on `listenHost`: this machine's own window, and the others by invite. On every
 * interface ('0.0.0.0', '::') the first address of the network is the one to give away.
 */
export function reachableHosts(listenHost: string, networkAddresses: string[]): { own: string; invite: string } {
  if (listenHost === '0.0.0.0' || listenHost === '::') {
    return { own: '127.0.0.1', invite: networkAddresses[0] ?? '127.0.0.1' };
  }
  if (listenHost === 'localhost') return { own: '127.0.0.1', invite: '127.0.0.1' };
  return { own: listenHost, invite: listenHost };
}

/** The IPv4 addresses of this machine's network interfaces, those that only work on one cable last. */
export function localNetworkAddresses(): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((entry) => entry.family === 'IPv4' && !entry.internal)
    .map((entry) => entry.address);
  const linkLocal = (address: string) => address.startsWith('169.254.');
  return [...addresses.filter((address) => !linkLocal(address)), ...addresses.filter(linkLocal)];
}
