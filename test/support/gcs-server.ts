/**
 * A FAKE of Google Cloud Storage for tests: no registry has an emulator. It follows the public documents, not the code of any:
 * - sessions, chunks, 308 with Range, offset query, cancel (499): cloud.google.com/storage/docs/performing-resumable-uploads
 * - how long sessions live, 404 and 410 for those that are gone: cloud.google.com/storage/docs/resumable-uploads
 * - objects, buckets, media with ranges: cloud.google.com/storage/docs/json_api/v1
 * - form and reasons of errors: cloud.google.com/storage/docs/json_api/v1/status-codes
 * - multipart insert: cloud.google.com/storage/docs/uploading-objects; server-side check of md5Hash: .../docs/data-validation
 * - a chunk ahead of what was stored: 503 as plain text, as Google's Java client documents it (JsonResumableSessionPutTask)
 * It listens on the loopback only, keeps bytes in files without names, of which nothing is left when it ends, and holds in memory one block for each open session
 * and what is sent or asked for in one request (64 MiB at most where it is sent). What a test must see of the real service, and what it cannot do well, it does on demand: see GcsFault
 * in gcs-sessions.ts.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createAnswer, describe, errorBody } from './gcs-answer.ts';
import type { Answer } from './gcs-answer.ts';
import { isSigned, parseMultipart, parseRange, readBodies, routeOf, wordOf } from './gcs-requests.ts';
import type { GcsOperation } from './gcs-requests.ts';
import { putToSession } from './gcs-sessions.ts';
import type { GcsFault, GcsSession } from './gcs-sessions.ts';
import { createGcsStore } from './gcs-store.ts';
import type { Intake, StoredObject } from './gcs-store.ts';

export type GcsServer = {
  /** "http://127.0.0.1:port", what `apiEndpoint` wants. */
  endpoint: string;
  port: number;
  bucket: string;
  /** The next `times` requests of that kind get the fault, after those that were planned before. */
  fail: (operation: GcsOperation, fault: GcsFault, times?: number) => void;
  clearFaults: () => void;
  /** Requests that arrived and what they were answered (0: no answer), oldest first; the last 1000. */
  requests: () => { operation: GcsOperation; status: number; range: string; authorized: boolean }[];
  objects: () => Pick<StoredObject, 'bucket' | 'name' | 'sizeBytes' | 'contentType' | 'generation'>[];
  read: (name: string) => Buffer;
  openSessions: () => number;
  /** Bytes of request bodies, all together: tells what was sent twice. */
  receivedBytes: () => number;
  forgetSessions: () => void;
  close: () => Promise<void>;
};

export type GcsServerOptions = {
  bucket?: string;
  port?: number;
  /** When given, only requests with this bearer token are let in (session URIs need none). */
  token?: string;
  /** Public key (PEM) against which v4 signed URLs are checked; without it there are none. */
  signedUrlKey?: string;
};

/** Starts the server. */
export async function startGcsServer(options: GcsServerOptions = {}): Promise<GcsServer> {
  const bucket = options.bucket ?? 'tallylight-test';
  const store = createGcsStore();
  const objects = new Map<string, StoredObject>();
  const sessions = new Map<string, GcsSession>();
  const faults: { operation: GcsOperation; fault: GcsFault; times: number }[] = [];
  const requests: { operation: GcsOperation; status: number; range: string; authorized: boolean }[] = [];
  let receivedBytes = 0;
  let generation = 1_700_000_000_000_000;

  const takeFault = (operation: GcsOperation): GcsFault | null => {
    const planned = faults.find((each) => each.operation === operation && each.times > 0);
    if (planned === undefined) return null;
    planned.times -= 1;
    return planned.fault;
  };

  const insert = (at: Pick<StoredObject, 'bucket' | 'name' | 'contentType'>, intake: Intake): StoredObject => {
    const { sizeBytes, md5, crc32c, file } = intake.finish();
    generation += 1;
    const object: StoredObject = {
      bucket: at.bucket,
      name: at.name,
      contentType: at.contentType,
      sizeBytes,
      md5,
      crc32c,
      file,
      generation: String(generation),
      createdAt: new Date().toISOString(),
    };
    const before = objects.get(at.name);
    if (before !== undefined) store.remove(before.file);
    objects.set(at.name, object);
    return object;
  };

  const take = readBodies((bytes) => {
    receivedBytes += bytes;
  });
  const { readBody, drain } = take;

  const insertWhole = async (
    url: URL,
    name: string,
    request: IncomingMessage,
    answer: Answer,
    fault: GcsFault | null,
  ): Promise<void> => {
    const pieces: Buffer[] = [];
    let size = 0;
    const whole = await readBody(request, (piece) => {
      pieces.push(piece);
      size += piece.length;
      const cut = fault?.kind === 'cut' && size >= fault.afterBytes;
      // Large objects belong into sessions.
      return !cut && size <= 64 * 1024 * 1024;
    });
    if (!whole) {
      answer.cut();
      return;
    }
    const contentType = request.headers['content-type'] ?? 'application/octet-stream';
    const body = Buffer.concat(pieces);
    const parsed =
      url.searchParams.get('uploadType') === 'multipart'
        ? parseMultipart(contentType, body)
        : { metadata: {}, contentType, media: body };
    const objectName = name === '' ? wordOf(parsed?.metadata, 'name') : name;
    if (parsed === null || objectName === '') {
      answer.error(400, 'badRequest', 'Malformed multipart body, or no name.');
      return;
    }
    const md5 = createHash('md5').update(parsed.media).digest('base64');
    const wanted = wordOf(parsed.metadata, 'md5Hash');
    if (wanted !== '' && wanted !== md5) {
      answer.error(400, 'invalid', `Provided MD5 hash "${wanted}" doesn't match calculated MD5 hash "${md5}".`);
      return;
    }
    const intake = store.intake();
    intake.take(fault?.kind === 'loseLastByte' ? parsed.media.subarray(0, -1) : parsed.media);
    const type = wordOf(parsed.metadata, 'contentType');
    const object = insert({ bucket, name: objectName, contentType: type === '' ? parsed.contentType : type }, intake);
    answer.json(200, describe(object, fault?.kind));
  };

  const sendMedia = (object: StoredObject, request: IncomingMessage, answer: Answer, fault: GcsFault | null): void => {
    const range = parseRange(request.headers.range, object.sizeBytes);
    if (range === 'unsatisfiable') {
      answer.text(416, 'The requested range cannot be satisfied.');
      return;
    }
    const { first, last } = range ?? { first: 0, last: object.sizeBytes - 1 };
    let bytes = store.read(object.file, first, last - first + 1);
    if (fault?.kind === 'shortMedia') bytes = bytes.subarray(0, -1);
    if (fault?.kind === 'wrongByte' && bytes.length > 0) bytes[0] = (bytes[0] ?? 0) ^ 0xff;
    const headers = {
      'content-type': object.contentType,
      'x-goog-generation': object.generation,
      'x-goog-hash': `crc32c=${object.crc32c.toString('base64')},md5=${object.md5.toString('base64')}`,
      ...(range === null ? {} : { 'content-range': `bytes ${first}-${last}/${object.sizeBytes}` }),
    };
    if (fault?.kind === 'cut') {
      answer.sendAndCut(headers, bytes, fault.afterBytes);
      return;
    }
    answer.send(range === null ? 200 : 206, headers, bytes);
  };

  const objectAt = (name: string, url: URL): StoredObject | null => {
    const object = objects.get(name);
    const wanted = url.searchParams.get('generation');
    return object === undefined || (wanted !== null && wanted !== object.generation) ? null : object;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse, socket: Socket): Promise<void> => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`);
    const route = routeOf(request, url);
    const answer = createAnswer(response, socket);
    if (route === null) {
      await drain(request);
      answer.error(404, 'notFound', 'Not Found');
      return;
    }
    const { operation } = route;
    const authorization = request.headers.authorization;
    const record = {
      operation,
      status: 0,
      range: request.headers['content-range'] ?? request.headers.range ?? '',
      authorized: authorization !== undefined,
    };
    requests.push(record);
    if (requests.length > 1000) requests.shift();
    answer.onStatus((status) => {
      record.status = status;
    });
    const fault = takeFault(operation);
    if (fault?.kind === 'status') {
      await drain(request);
      const retryAfter = fault.retryAfterSeconds;
      const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
      answer.error(fault.status, fault.reason ?? 'backendError', 'As the test asked.', headers);
      return;
    }
    if (fault?.kind === 'silent') {
      await drain(request);
      return;
    }
    if (fault?.kind === 'errorIn200') {
      await drain(request);
      answer.json(200, errorBody(500, 'backendError', 'As the test asked.'));
      return;
    }
    if (fault?.kind === 'loseAnswer') answer.lose();

    const session = route.session === undefined ? undefined : sessions.get(route.session);
    if (route.session !== undefined) {
      if (session === undefined) {
        await drain(request);
        // "410 Gone: the session is less than a week old; 404: older", or never was.
        answer.error(404, 'notFound', 'The upload session is not known.');
      } else if (operation === 'abort') {
        await drain(request);
        const known = session.gone === null && session.finished === null;
        session.gone = 499;
        if (known) session.intake.discard();
        // "499 Client Closed Request": that is how success of a cancel looks.
        answer.send(499, {}, '');
      } else {
        await putToSession(session, request, answer, fault, (at) => insert(at, at.intake), take);
      }
      return;
    }
    const open = options.token === undefined || authorization === `Bearer ${options.token}`;
    if (!open && route.wantsSignature !== true) {
      await drain(request);
      answer.error(401, authorization === undefined ? 'required' : 'authError', 'Invalid Credentials');
      return;
    }
    if (route.bucket !== bucket) {
      await drain(request);
      answer.error(404, 'notFound', 'The specified bucket does not exist.');
      return;
    }
    const name = route.name ?? '';
    if (operation === 'begin') {
      await drain(request);
      const announced = Number(request.headers['x-upload-content-length'] ?? Number.NaN);
      const id = randomBytes(24).toString('base64url');
      sessions.set(id, {
        id,
        bucket,
        name,
        contentType: String(request.headers['x-upload-content-type'] ?? 'application/octet-stream'),
        announcedBytes: Number.isSafeInteger(announced) ? announced : null,
        intake: store.intake(),
        turn: 0,
        finished: null,
        gone: null,
      });
      const location = new URL(`/upload/storage/v1/b/${bucket}/o`, url);
      location.searchParams.set('uploadType', 'resumable');
      location.searchParams.set('name', name);
      location.searchParams.set('upload_id', id);
      answer.send(200, { location: location.href }, '');
      return;
    }
    if (operation === 'insert') {
      await insertWhole(url, name, request, answer, fault);
      return;
    }
    await drain(request);
    if (operation === 'bucket') {
      answer.json(200, { kind: 'storage#bucket', id: bucket, name: bucket, location: 'US', storageClass: 'STANDARD' });
      return;
    }
    if (operation === 'list') {
      const prefix = url.searchParams.get('prefix') ?? '';
      const items = [...objects.values()].filter((object) => object.name.startsWith(prefix));
      answer.json(200, { kind: 'storage#objects', items: items.map((object) => describe(object, fault?.kind)) });
      return;
    }
    if (route.wantsSignature === true && !isSigned(request, url, options.signedUrlKey)) {
      answer.text(403, 'SignatureDoesNotMatch');
      return;
    }
    const object = objectAt(name, url);
    if (object === null) {
      const words = `No such object: ${bucket}/${name}`;
      if (operation === 'media') answer.text(404, words);
      else answer.error(404, 'notFound', words);
    } else if (operation === 'delete') {
      objects.delete(name);
      store.remove(object.file);
      answer.send(204, {}, '');
    } else if (operation === 'media') {
      sendMedia(object, request, answer, fault);
    } else {
      answer.json(200, describe(object, fault?.kind));
    }
  };

  const server = createServer((request, response) => {
    const { socket } = request;
    serve(request, response, socket).catch(() => socket.destroy());
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    port: address.port,
    bucket,
    fail: (operation, fault, times = 1) => {
      faults.push({ operation, fault, times });
    },
    clearFaults: () => {
      faults.length = 0;
    },
    requests: () => requests.map((each) => ({ ...each })),
    objects: () =>
      [...objects.values()].map(({ bucket, name, sizeBytes, contentType, generation }) => ({
        bucket,
        name,
        sizeBytes,
        contentType,
        generation,
      })),
    read: (name) => {
      const object = objects.get(name);
      if (object === undefined) throw new Error(`there is no object ${name}`);
      return store.read(object.file, 0, object.sizeBytes);
    },
    openSessions: () => [...sessions.values()].filter((each) => each.gone === null && each.finished === null).length,
    receivedBytes: () => receivedBytes,
    forgetSessions: () => {
      for (const session of sessions.values()) if (session.finished === null) session.gone ??= 410;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      store.close();
    },
  };
}
