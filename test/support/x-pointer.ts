import { connect, type Socket } from 'node:net';

// The few requests of the X protocol that a hand makes: https://www.x.org/releases/current/doc/xproto/x11protocol.html and
// https://www.x.org/releases/current/doc/xextproto/xtest.html. Little-endian; a display that asks for no key.

const QUERY_EXTENSION = 98;
const FAKE_INPUT = 2;
const PRESS = 4;
const RELEASE = 5;
const MOTION = 6;
const LEFT_BUTTON = 1;
const REPLY_BYTES = 32;

/** Reads exactly so many bytes. */
async function take(socket: Socket, count: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(count) as Buffer | null;
    if (bytes !== null) return bytes;
    if (socket.destroyed) throw new Error('The display hung up.');
    await new Promise<void>((resolve) => {
      socket.once('readable', resolve);
      socket.once('close', () => resolve());
    });
  }
}

/** Clicks at a point of a local display such as ":99", as a person with a mouse does. */
export async function clickAt(display: string, x: number, y: number): Promise<void> {
  const socket = connect(`/tmp/.X11-unix/X${display.replace(/^:|\..*$/g, '')}`);
  socket.on('error', () => socket.destroy());
  try {
    const hello = Buffer.alloc(12);
    hello.write('l', 'latin1');
    hello.writeUInt16LE(11, 2);
    socket.write(hello);
    const head = await take(socket, 8);
    if (head[0] !== 1) throw new Error(`The display ${display} does not let us in.`);
    const setup = await take(socket, head.readUInt16LE(6) * 4);
    const vendorBytes = Math.ceil(setup.readUInt16LE(16) / 4) * 4;
    const root = setup.readUInt32LE(32 + vendorBytes + (setup[21] ?? 0) * 8);

    const name = Buffer.from('XTEST');
    const query = Buffer.alloc(16);
    query[0] = QUERY_EXTENSION;
    query.writeUInt16LE(4, 2);
    query.writeUInt16LE(name.length, 4);
    name.copy(query, 8);
    socket.write(query);
    const extension = await take(socket, REPLY_BYTES);
    if (extension[0] !== 1 || extension[8] !== 1) throw new Error(`The display ${display} has no XTEST.`);

    const input = (kind: number, detail: number): void => {
      const request = Buffer.alloc(36);
      request[0] = extension[9] ?? 0;
      request[1] = FAKE_INPUT;
      request.writeUInt16LE(9, 2);
      request[4] = kind;
      request[5] = detail;
      request.writeUInt32LE(root, 12);
      request.writeInt16LE(x, 24);
      request.writeInt16LE(y, 26);
      socket.write(request);
    };
    input(MOTION, 0);
    input(PRESS, LEFT_BUTTON);
    input(RELEASE, LEFT_BUTTON);
    // Answered when everything before it was done.
    socket.write(query);
    await take(socket, REPLY_BYTES);
  } finally {
    socket.destroy();
  }
}
