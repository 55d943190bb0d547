import { createHash, createVerify } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Requests of the JSON API that the fake server knows. */
export type GcsOperation =
  | 'begin'
  | 'chunk'
  | 'query'
  | 'abort'
  | 'insert'
  | 'metadata'
  | 'media'
  | 'delete'
  | 'bucket'
  | 'list';

/** Which request of the API it is. */
type Route = { operation: GcsOperation; bucket: string; name?: string; session?: string; wantsSignature?: boolean };

export function routeOf(request: IncomingMessage, url: URL): Route | null {
  const method = request.method ?? 'GET';
  const [, upload, bucketText, objectText] =
    /^(\/upload)?\/storage\/v1\/b\/([^/]+)(?:\/o(?:\/(.+))?)?$/.exec(url.pathname) ?? [];
  if (bucketText === undefined) {
    // The XML API's address of an object, which signed URLs use.
    const [, bucket, name] = /^\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
    if (bucket === undefined || name === undefined || method !== 'GET') return null;
    return {
      operation: 'media',
      bucket: decodeURIComponent(bucket),
      name: decodeURIComponent(name),
      wantsSignature: true,
    };
  }
  const bucket = decodeURIComponent(bucketText);
  if (upload !== undefined) {
    const session = url.searchParams.get('upload_id') ?? undefined;
    const name = url.searchParams.get('name') ?? '';
    if (session !== undefined) {
      if (method === 'DELETE') return { operation: 'abort', bucket, session };
      if (method !== 'PUT') return null;
      const query = (request.headers['content-range'] ?? '').startsWith('bytes */');
      return { operation: query ? 'query' : 'chunk', bucket, session };
    }
    if (method !== 'POST') return null;
    return { operation: url.searchParams.get('uploadType') === 'resumable' ? 'begin' : 'insert', bucket, name };
  }
  if (objectText === undefined) {
    if (method !== 'GET') return null;
    return { operation: url.pathname.endsWith('/o') ? 'list' : 'bucket', bucket };
  }
  const name = decodeURIComponent(objectText);
  if (method === 'DELETE') return { operation: 'delete', bucket, name };
  if (method !== 'GET') return null;
  return { operation: url.searchParams.get('alt') === 'media' ? 'media' : 'metadata', bucket, name };
}

type ContentRange = { firstByte: number | null; totalBytes: number | null };

export function parseContentRange(header: string | undefined): ContentRange | null {
  if (header === undefined) return { firstByte: 0, totalBytes: null };
  const [, first, total] = /^bytes (?:\*|(\d+)-(?:\d+|\*))\/(\d+|\*)$/.exec(header) ?? [];
  if (total === undefined) return null;
  return {
    firstByte: first === undefined ? null : Number(first),
    totalBytes: total === '*' ? null : Number(total),
  };
}

export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): { first: number; last: number } | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined) return null;
  if (Number(first) >= sizeBytes) return 'unsatisfiable';
  return { first: Number(first), last: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) };
}

/** Two parts: JSON metadata, then the media (RFC 2387). */
export function parseMultipart(
  contentType: string,
  body: Buffer,
): { metadata: unknown; contentType: string; media: Buffer } | null {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (boundary === undefined) return null;
  const mark = Buffer.from(`--${boundary}`);
  const first = body.indexOf(mark);
  const second = first < 0 ? -1 : body.indexOf(Buffer.from(`\r\n--${boundary}`), first + mark.length);
  const end = body.lastIndexOf(Buffer.from(`\r\n--${boundary}--`));
  if (second < 0 || end <= second) return null;
  const split = (part: Buffer): { head: string; content: Buffer } => {
    const at = part.indexOf('\r\n\r\n');
    return { head: part.subarray(0, at).toString(), content: part.subarray(at + 4) };
  };
  const described = split(body.subarray(first + mark.length, second));
  const media = split(body.subarray(second + 2 + mark.length, end));
  try {
    const metadata: unknown = JSON.parse(described.content.toString());
    const type = /content-type:\s*(\S+)/i.exec(media.head)?.[1] ?? 'application/octet-stream';
    return { metadata, contentType: type, media: media.content };
  } catch {
    return null;
  }
}

export function wordOf(value: unknown, name: string): string {
  if (typeof value !== 'object' || value === null) return '';
  const word: unknown = Reflect.get(value, name);
  return typeof word === 'string' ? word : '';
}

/** Checks a v4 signature (cloud.google.com/storage/docs/authentication/canonical-requests) and that it has not run out. */
export function isSigned(request: IncomingMessage, url: URL, publicKey: string | undefined): boolean {
  const signature = url.searchParams.get('X-Goog-Signature') ?? '';
  const date = url.searchParams.get('X-Goog-Date') ?? '';
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(date) ?? [];
  const signedAtMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const validMs = Number(url.searchParams.get('X-Goog-Expires')) * 1000;
  if (publicKey === undefined || !(Date.now() < signedAtMs + validMs)) return false;
  const encode = (text: string): string =>
    encodeURIComponent(text).replaceAll(
      /[!'()*]/g,
      (each) => `%${(each.codePointAt(0) ?? 0).toString(16).toUpperCase()}`,
    );
  const query = [...url.searchParams]
    .filter(([key]) => key !== 'X-Goog-Signature')
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .sort()
    .join('&');
  // The library signs the host without its port.
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const canonical = [request.method, url.pathname, query, `host:${host}\n`, 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const scope = (url.searchParams.get('X-Goog-Credential') ?? '').split('/').slice(1).join('/');
  const digest = createHash('sha256').update(canonical).digest('hex');
  return createVerify('RSA-SHA256')
    .update(['GOOG4-RSA-SHA256', date, scope, digest].join('\n'))
    .verify(publicKey, signature, 'hex');
}

/** Reads bodies of requests. */
export type Bodies = {
  /** Hands on piece by piece; false when it ended early, on either side. */
  readBody: (request: IncomingMessage, onPiece: (piece: Buffer) => boolean) => Promise<boolean>;
  drain: (request: IncomingMessage) => Promise<void>;
};

/** Tells of every piece that comes in. */
export function readBodies(onBytes: (bytes: number) => void): Bodies {
  const readBody: Bodies['readBody'] = async (request, onPiece) => {
    try {
      for await (const piece of request) {
        if (!(piece instanceof Buffer)) return false;
        onBytes(piece.length);
        if (!onPiece(piece)) return false;
      }
      return request.complete;
    } catch {
      return false;
    }
  };
  return {
    readBody,
    drain: async (request) => {
      await readBody(request, () => true);
    },
  };
}
