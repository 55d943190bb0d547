import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { StoredObject } from './gcs-store.ts';

export type Answer = {
  send: (status: number, headers: Record<string, string>, body: string | Uint8Array) => void;
  sendAndCut: (headers: Record<string, string>, body: Uint8Array, afterBytes: number) => void;
  json: (status: number, body: unknown) => void;
  text: (status: number, words: string) => void;
  error: (status: number, reason: string, message: string, headers?: Record<string, string>) => void;
  /** Resets the connection; the request may have lost hold of it by now. */
  cut: () => void;
  /** From now on an answer is a cut. */
  lose: () => void;
  onStatus: (listener: (status: number) => void) => void;
};

export function createAnswer(response: ServerResponse, socket: Socket): Answer {
  let lost = false;
  let told: (status: number) => void = () => undefined;
  const send: Answer['send'] = (status, headers, body) => {
    if (lost) {
      socket.resetAndDestroy();
      return;
    }
    told(status);
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };
  const typed = (status: number, type: string, body: string, headers: Record<string, string> = {}): void =>
    send(status, { 'content-type': `${type}; charset=UTF-8`, ...headers }, body);
  return {
    send,
    sendAndCut: (headers, body, afterBytes) => {
      response.writeHead(200, { ...headers, 'content-length': body.length });
      response.write(body.subarray(0, afterBytes), () => socket.resetAndDestroy());
    },
    json: (status, body) => typed(status, 'application/json', JSON.stringify(body)),
    text: (status, words) => typed(status, 'text/plain', words),
    error: (status, reason, message, headers) =>
      typed(status, 'application/json', JSON.stringify(errorBody(status, reason, message)), headers),
    cut: () => void socket.resetAndDestroy(),
    lose: () => {
      lost = true;
    },
    onStatus: (listener) => {
      told = listener;
    },
  };
}

export function errorBody(code: number, reason: string, message: string): unknown {
  return { error: { code, message, errors: [{ message, domain: 'global', reason }] } };
}

export function describe(object: StoredObject, lie: string | undefined): unknown {
  const md5 = lie === 'wrongMd5' ? createHash('md5').update('something else').digest() : object.md5;
  return {
    kind: 'storage#object',
    id: `${object.bucket}/${object.name}/${object.generation}`,
    name: object.name,
    bucket: object.bucket,
    generation: object.generation,
    metageneration: '1',
    contentType: object.contentType,
    size: String(lie === 'shortSize' ? object.sizeBytes - 1 : object.sizeBytes),
    ...(lie === 'noMd5' ? { componentCount: 2 } : { md5Hash: md5.toString('base64') }),
    crc32c: object.crc32c.toString('base64'),
    timeCreated: object.createdAt,
    updated: object.createdAt,
  };
}
