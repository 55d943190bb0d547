import { createHash, randomUUID } from 'node:crypto';
import type { Destination } from '../../../contract/cloud.ts';
import { AppError } from '../../../contract/errors.ts';
import type { CallOptions, CloudTarget, ContentHash, ObjectSpec, UploadState, Verdict } from '../cloud-target.ts';
import type { Credentials } from '../credentials.ts';
import { freeReadBuffers } from '../free-read-buffers.ts';
import { IDLE_LIMIT_MS } from '../idle-limit.ts';
import { goneProblem, isBucketMissing, isGone, nonsense, readObject, readOffset, refusal } from './gcs-answers.ts';
import type { GcsObject } from './gcs-answers.ts';
import { createGcsHttp } from './gcs-http.ts';
import type { GcsHttp, HttpAnswer, HttpRequest } from './gcs-http.ts';
import { GOOGLE_ENDPOINT, openGcsLibrary } from './gcs-library.ts';
import type { GcsLibrary } from './gcs-library.ts';

/** "Multiples of 256 KiB", the last chunk excepted (cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload). */
const GRANULARITY_BYTES = 256 * 1024;

/** Opens a bucket of Google Cloud Storage; rejects with CLOUD_NOT_SET_UP or CLOUD_CREDENTIALS_INVALID. */
export async function createGcsTarget(
  destination: Destination,
  credentials: Credentials,
  idleMs: number = IDLE_LIMIT_MS,
): Promise<CloudTarget> {
  if (credentials.kind === 's3Keys' || credentials.kind === 's3Profile') {
    throw new AppError('CLOUD_CREDENTIALS_INVALID', 'These are credentials for S3, not for Google Cloud Storage.');
  }
  const endpoint = readEndpoint(destination.endpoint);
  const library = await openGcsLibrary(endpoint, credentials, idleMs);
  return targetOf(destination.bucket, new URL(endpoint), library, createGcsHttp(idleMs));
}

function readEndpoint(text: string): string {
  if (text === '') return GOOGLE_ENDPOINT;
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new AppError('CLOUD_NOT_SET_UP', 'The address of the server must begin with https:// or http://.');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function targetOf(bucket: string, endpoint: URL, library: GcsLibrary, http: GcsHttp): CloudTarget {
  const base = endpoint.href.replace(/\/+$/, '');
  const objectUrl = (key: string): URL =>
    new URL(`${base}/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(key)}`);

  const send = async (request: HttpRequest, options: CallOptions): Promise<HttpAnswer> => {
    // A session's address opens by itself; credentials go to the server they are for, wherever it says that its sessions are.
    const signed = request.url.origin === endpoint.origin ? await library.headers(options.signal) : {};
    return http.send({ ...request, headers: { ...signed, ...request.headers } }, options);
  };

  const describe = async (key: string, options: CallOptions, what: string): Promise<GcsObject | null> => {
    const url = objectUrl(key);
    url.searchParams.set('fields', 'size,md5Hash,generation');
    const answer = await send({ method: 'GET', url, headers: {} }, options);
    if (answer.status === 404 && !isBucketMissing(answer)) return null;
    if (answer.status !== 200) throw refusal(answer, what);
    const object = readObject(answer.body);
    if (object === null) throw nonsense(what);
    return object;
  };

  /** A session that ended may have ended well: the answer to its last part was lost. */
  const finishedOrGone = async (object: ObjectSpec, options: CallOptions): Promise<UploadState> => {
    const found = await describe(object.key, options, 'Asking for the object');
    return { kind: found?.sizeBytes === object.sizeBytes ? 'finished' : 'gone' };
  };

  const inspect: CloudTarget['inspect'] = async (object, session, options) => {
    const what = 'Asking how far the upload is';
    const url = sessionUrl(session, endpoint);
    if (url === null) return finishedOrGone(object, options);
    const headers = { 'content-range': `bytes */${object.sizeBytes}` };
    const answer = await send({ method: 'PUT', url, headers }, options);
    if (isGone(answer.status)) return finishedOrGone(object, options);
    if (answer.status === 200 || answer.status === 201) {
      const stored = readObject(answer.body);
      if (stored === null) throw nonsense(what);
      return { kind: stored.sizeBytes === object.sizeBytes ? 'finished' : 'gone' };
    }
    if (answer.status !== 308) throw refusal(answer, what);
    const receivedBytes = readOffset(answer.header('range'), object.sizeBytes);
    if (receivedBytes === null) throw nonsense(what);
    return { kind: 'offset', receivedBytes };
  };

  const sendPart: CloudTarget['sendPart'] = async (object, session, part, options) => {
    const what = 'Sending a part';
    const url = sessionUrl(session, endpoint);
    if (url === null) throw goneProblem(what);
    const endBytes = part.offsetBytes + part.bytes.length;
    const range = part.bytes.length === 0 ? '*' : `${part.offsetBytes}-${endBytes - 1}`;
    const answer = await send(
      {
        method: 'PUT',
        url,
        headers: { 'content-range': `bytes ${range}/${object.sizeBytes}` },
        body: { bytes: part.bytes },
      },
      options,
    );
    if (isGone(answer.status)) throw goneProblem(what);
    const complete = answer.status === 200 || answer.status === 201;
    if (!complete && answer.status !== 308) throw refusal(answer, what);
    const stored = complete
      ? (readObject(answer.body)?.sizeBytes ?? null)
      : readOffset(answer.header('range'), object.sizeBytes);
    if (stored === null || complete !== part.isLast) throw nonsense(what);
    // What this side sent is no measure: the server may have kept less. (Of a complete object, verifying judges the size.)
    if (!complete && stored < endBytes) {
      throw new AppError('CLOUD_BUSY', `${what}: the server kept only some of it.`, { retryable: true });
    }
    return { number: part.number, sizeBytes: part.bytes.length, etag: '' };
  };

  const put: CloudTarget['put'] = async (object, bytes, options) => {
    const what = 'Sending a small file';
    const url = new URL(`${base}/upload/storage/v1/b/${encodeURIComponent(bucket)}/o`);
    url.searchParams.set('uploadType', 'multipart');
    const boundary = randomUUID();
    // With the hash along, the service refuses what was damaged on the way (cloud.google.com/storage/docs/data-validation).
    const md5Hash = createHash('md5').update(bytes).digest('base64');
    const metadata = JSON.stringify({ name: object.key, contentType: object.contentType, md5Hash });
    const before = `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${metadata}\r\n--${boundary}\r\nContent-Type: ${object.contentType}\r\n\r\n`;
    const answer = await send(
      {
        method: 'POST',
        url,
        headers: { 'content-type': `multipart/related; boundary=${boundary}` },
        body: { before: Buffer.from(before), bytes, after: Buffer.from(`\r\n--${boundary}--\r\n`) },
      },
      options,
    );
    if (answer.status !== 200 && answer.status !== 201) throw refusal(answer, what);
    if (readObject(answer.body) === null) throw nonsense(what);
  };

  const verify = async (object: ObjectSpec, hash: ContentHash, options: CallOptions): Promise<Verdict> => {
    const found = await describe(object.key, options, 'Asking for the object');
    if (found === null) return { kind: 'missing' };
    if (found.sizeBytes !== hash.sizeBytes) {
      return { kind: 'different', why: `The object has ${found.sizeBytes} bytes in place of ${hash.sizeBytes}.` };
    }
    if (found.md5Hex === null || hash.md5Hex === null) return readBack(object.key, found, hash, options);
    return found.md5Hex === hash.md5Hex
      ? { kind: 'same', by: 'checksum' }
      : { kind: 'different', why: 'The MD5 hash of the object is another one.' };
  };

  const readBack = async (key: string, found: GcsObject, hash: ContentHash, options: CallOptions): Promise<Verdict> => {
    const what = 'Reading the object back';
    for (const [index, wanted] of hash.partSha256.entries()) {
      const first = index * hash.partBytes;
      const last = Math.min(first + hash.partBytes, hash.sizeBytes) - 1;
      const url = objectUrl(key);
      url.searchParams.set('alt', 'media');
      // All parts of one and the same content.
      url.searchParams.set('generation', found.generation);
      const sha256 = createHash('sha256');
      const headers: Record<string, string> = last < first ? {} : { range: `bytes=${first}-${last}` };
      const answer = await send(
        { method: 'GET', url, headers, onAnswerBytes: (bytes) => sha256.update(bytes) },
        options,
      );
      freeReadBuffers();
      if (answer.status === 404 && !isBucketMissing(answer)) return { kind: 'missing' };
      if (answer.status !== 206 && answer.status !== 200) throw refusal(answer, what);
      if (sha256.digest('hex') !== wanted) {
        return { kind: 'different', why: `Part ${index + 1} of the object has other bytes.` };
      }
    }
    return { kind: 'same', by: 'readBack' };
  };

  return {
    // The service takes the bytes of a session in order.
    partsInFlight: 1,
    wantsMd5: true,
    sessionIsSecret: true,
    partGranularityBytes: GRANULARITY_BYTES,
    minPartBytes: GRANULARITY_BYTES,
    maxParts: Number.MAX_SAFE_INTEGER,
    address: {
      host: endpoint.hostname.replaceAll(/[[\]]/g, ''),
      port: endpoint.port === '' ? (endpoint.protocol === 'https:' ? 443 : 80) : Number(endpoint.port),
    },
    begin: async (object, options) => {
      const session = await library.openSession(bucket, object, options.signal);
      if (sessionUrl(session, endpoint) === null) throw nonsense('Beginning an upload');
      return { session };
    },
    inspect,
    sendPart,
    // The last part completed it.
    finish: async (object, _session, _parts, options) => {
      const what = 'Completing the upload';
      if ((await describe(object.key, options, what)) !== null) return;
      throw new AppError('CLOUD_OBJECT_MISSING', `${what}: the object is not there.`, { retryable: true });
    },
    put,
    verify,
    abort: async (_key, session, options) => {
      const url = sessionUrl(session, endpoint);
      if (url === null) return;
      const answer = await send({ method: 'DELETE', url, headers: {} }, options);
      // 499 is how success looks here.
      if (!isGone(answer.status) && answer.status >= 300) throw refusal(answer, 'Giving up the upload');
    },
    // The service does not tell; what is not completed goes by itself after a week.
    openUploads: () => Promise.resolve([]),
    sizeBytes: async (key, options) => (await describe(key, options, 'Asking for the object'))?.sizeBytes ?? null,
    read: async (key, maxBytes, options) => {
      const what = 'Reading the object';
      const url = objectUrl(key);
      url.searchParams.set('alt', 'media');
      const answer = await send({ method: 'GET', url, headers: {}, maxAnswerBytes: maxBytes }, options);
      if (answer.status === 404 && !isBucketMissing(answer)) {
        throw new AppError('CLOUD_OBJECT_MISSING', `${what}: it is not there.`);
      }
      if (answer.status !== 200) throw refusal(answer, what);
      return answer.body;
    },
    remove: async (key, options) => {
      const answer = await send({ method: 'DELETE', url: objectUrl(key), headers: {} }, options);
      if (answer.status === 404 && !isBucketMissing(answer)) return;
      if (answer.status >= 300) throw refusal(answer, 'Deleting the object');
    },
    link: (key, validSeconds) => library.signedUrl(bucket, key, validSeconds),
    close: () => http.close(),
  };
}

/** A session's address; null when it is none, or not one for this server. */
function sessionUrl(session: string, endpoint: URL): URL | null {
  const url = URL.parse(session);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== endpoint.protocol)) return null;
  return url;
}
