import { createHash, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** A TCP connection that said the words of a WebSocket upgrade, and on which any bytes at all can be written. */
export type RawWebSocket = {
  socket: Socket;
  /** The first line of the answer to the upgrade. */
  statusLine: string;
  isOpen(): boolean;
  /** Bytes of the server that came after its head. */
  received(): Buffer;
  /** The code of the close frame, null when the connection ended without one. */
  closed: Promise<number | null>;
};

export type RawTarget = { host: string; port: number; path: string; localAddress?: string };

/** Connects and asks for the upgrade as RFC 6455 has it; resolves with the answer, whatever it is. */
export async function openRawWebSocket({ host, port, path, localAddress }: RawTarget): Promise<RawWebSocket> {
  const socket = connect({ host, port, ...(localAddress === undefined ? {} : { localAddress }) });
  // A connection that the server cuts is no failure of a trial.
  socket.on('error', () => undefined);
  // Not by events.once(), which rejects when the connection is reset.
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const parts: Buffer[] = [];
  const head = Promise.withResolvers<string>();
  let headBytes = 0;
  socket.on('data', (part: Buffer) => {
    parts.push(part);
    if (headBytes > 0) return;
    const all = Buffer.concat(parts);
    const end = all.indexOf('\r\n\r\n');
    if (end < 0) return;
    headBytes = end + 4;
    head.resolve(all.subarray(0, end).toString('latin1'));
  });
  void ended.then(() => head.resolve(''));
  socket.write(upgradeHead(host, port, path));
  const text = await head.promise;
  const received = (): Buffer => Buffer.concat(parts).subarray(headBytes);
  return {
    socket,
    statusLine: text.split('\r\n')[0] ?? '',
    isOpen: () => !socket.destroyed && text.startsWith('HTTP/1.1 101'),
    received,
    closed: ended.then(() => closeCodeIn(received())),
  };
}

/** The head of an upgrade; `without` leaves a header out. */
export function upgradeHead(host: string, port: number, path: string, without = ''): string {
  const headers: [string, string][] = [
    ['Host', `${host}:${port}`],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Key', randomBytes(16).toString('base64')],
    ['Sec-WebSocket-Version', '13'],
  ];
  const lines = headers.filter(([name]) => name !== without).map(([name, value]) => `${name}: ${value}`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

export type FrameOptions = {
  opcode?: number;
  /** The first bits: FIN 8, RSV1 4, RSV2 2, RSV3 1. */
  flags?: number;
  masked?: boolean;
  /** What the head says of the length, whatever follows. */
  claimedBytes?: number | bigint;
  /** Writes the length in this many bytes although fewer would do. */
  lengthBytes?: 2 | 8;
};

/** One frame (RFC 6455, 5.2), right or wrong as asked. */
export function wireFrame(payload: Buffer | string, options: FrameOptions = {}): Buffer {
  const bytes = Buffer.from(payload);
  const { opcode = 1, flags = 8, masked = true, claimedBytes = bytes.byteLength, lengthBytes } = options;
  const long = lengthBytes === 8 || claimedBytes > 0xffff;
  const middle = !long && (lengthBytes === 2 || claimedBytes > 125);
  const head = Buffer.alloc(long ? 10 : middle ? 4 : 2);
  head[0] = (flags << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | (long ? 127 : middle ? 126 : Number(claimedBytes));
  if (long) head.writeBigUInt64BE(BigInt(claimedBytes), 2);
  else if (middle) head.writeUInt16BE(Number(claimedBytes), 2);
  if (!masked) return Buffer.concat([head, bytes]);
  const mask = createHash('sha1').update(bytes.subarray(0, 64)).digest().subarray(0, 4);
  const covered = Buffer.from(bytes);
  for (let at = 0; at < covered.length; at += 1) covered[at] = (covered[at] ?? 0) ^ (mask[at % 4] ?? 0);
  return Buffer.concat([head, mask, covered]);
}

/** The code of the first close frame among frames of a server, which are short and not masked. */
function closeCodeIn(bytes: Buffer): number | null {
  let at = 0;
  while (at + 2 <= bytes.length) {
    const opcode = (bytes[at] ?? 0) & 0x0f;
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (at + headBytes > bytes.length) return null;
    const length =
      short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short === 126 ? bytes.readUInt16BE(at + 2) : short;
    if (opcode === 8)
      return length >= 2 && at + headBytes + 2 <= bytes.length ? bytes.readUInt16BE(at + headBytes) : null;
    at += headBytes + length;
  }
  return null;
}
