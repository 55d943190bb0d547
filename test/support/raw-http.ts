import { connect } from 'node:net';
import { CONTROL_HOST } from '../../contract/control.ts';

/** One answer among the bytes that a server sent. */
export type RawAnswer = { status: number; headers: ReadonlyMap<string, string>; body: string };

export type Exchange = {
  answers: RawAnswer[];
  /** Bytes that are no whole answer. */
  rest: string;
  tookMs: number;
  /** The connection was still open at the limit. */
  late: boolean;
};

/** Writes any bytes on a connection of its own and takes what comes until the server closes it, or until `limitMs`. */
export function exchange(port: number, bytes: Buffer, limitMs: number): Promise<Exchange> {
  const sinceMs = performance.now();
  return new Promise((resolve) => {
    const socket = connect(port, CONTROL_HOST);
    const parts: Buffer[] = [];
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      socket.destroy();
    }, limitMs);
    socket.on('data', (part: Buffer) => parts.push(part));
    // A connection that is reset is over as well.
    socket.on('error', () => undefined);
    socket.on('connect', () => socket.write(bytes));
    socket.on('close', () => {
      clearTimeout(timer);
      const { answers, rest } = answersIn(Buffer.concat(parts));
      resolve({ answers, rest, tookMs: performance.now() - sinceMs, late });
    });
  });
}

function answersIn(bytes: Buffer): { answers: RawAnswer[]; rest: string } {
  const answers: RawAnswer[] = [];
  let left = bytes;
  for (;;) {
    const end = left.indexOf('\r\n\r\n');
    const [statusLine = '', ...lines] = end < 0 ? [] : left.subarray(0, end).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? Number.NaN);
    if (Number.isNaN(status)) return { answers, rest: left.toString('latin1') };
    const headers = new Map(
      lines.map((line): [string, string] => {
        const at = line.indexOf(':');
        return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
      }),
    );
    const after = left.subarray(end + 4);
    const taken =
      headers.get('transfer-encoding') === 'chunked'
        ? chunkedBody(after)
        : plainBody(after, status === 100 ? 0 : Number(headers.get('content-length') ?? after.length));
    if (taken === null) return { answers, rest: left.toString('latin1') };
    // "Continue" is no answer yet (RFC 9110, 15.2.1).
    if (status !== 100) answers.push({ status, headers, body: taken.body.toString('utf8') });
    left = taken.rest;
  }
}

type Taken = { body: Buffer; rest: Buffer };

/** A body of a length that was told, or up to the end of the connection. */
function plainBody(bytes: Buffer, length: number): Taken {
  return { body: bytes.subarray(0, length), rest: bytes.subarray(length) };
}

/** A body in pieces (RFC 9112, 7.1), without trailers; null when it does not come to its end. */
function chunkedBody(bytes: Buffer): Taken | null {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    const size = end < 0 ? Number.NaN : Number.parseInt(bytes.subarray(at, end).toString('latin1'), 16);
    if (Number.isNaN(size)) return null;
    const next = end + 2 + size + 2;
    if (next > bytes.length) return null;
    if (size === 0) return { body: Buffer.concat(parts), rest: bytes.subarray(next) };
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = next;
  }
}
