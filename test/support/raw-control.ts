import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { startControlRig, type ControlRig, type RigOptions } from './control-rig.ts';

/** A control API of this test, and what a request that is written by hand needs: the port and two lines of the owner's. */
export type RawControl = { rig: ControlRig; port: number; host: string; bearer: string };

/** Starts it; it ends with the test. */
export async function startRawControl(options?: RigOptions): Promise<RawControl> {
  const rig = await startControlRig(options);
  onTestFinished(() => rig.close());
  return {
    rig,
    port: rig.port(),
    host: `Host: 127.0.0.1:${rig.port()}`,
    bearer: `Authorization: Bearer ${rig.control.ownerToken()}`,
  };
}

/** A request as it goes over the wire, asking for the connection to be closed behind the answer. */
export const wire = (lines: readonly string[], body = ''): string =>
  `${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`;

/** The statuses of all answers that came over one connection. */
export const statusesOf = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

/** Opens a connection that takes what comes and asks for nothing but this. */
export async function openOne(port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return socket;
}
