import type { Seen } from './unkind-proxy.ts';

/** What a request to a bucket is for, whichever provider's protocol it speaks. */
export type BucketAct =
  | 'begin'
  | 'part'
  | 'inspect'
  | 'finish'
  | 'abort'
  | 'put'
  | 'stat'
  | 'read'
  | 'remove'
  | 'uploads'
  | 'list'
  | 'other';

/** What a request of S3's protocol, with the bucket in the path, is for. */
export function actOfS3({ method, path, query }: Pick<Seen, 'method' | 'path' | 'query'>): BucketAct {
  const hasKey = /^\/[^/]+\/./.test(path);
  if (!hasKey) return query.has('uploads') ? 'uploads' : method === 'GET' ? 'list' : 'other';
  if (query.has('uploads')) return method === 'POST' ? 'begin' : 'other';
  if (query.has('uploadId')) {
    const acts: Record<string, BucketAct> = { PUT: 'part', GET: 'inspect', POST: 'finish', DELETE: 'abort' };
    return acts[method] ?? 'other';
  }
  const acts: Record<string, BucketAct> = { PUT: 'put', HEAD: 'stat', GET: 'read', DELETE: 'remove' };
  return acts[method] ?? 'other';
}

/** What a request of Google's JSON protocol is for: resumable uploads below /upload/, objects below /storage/. */
export function actOfGcs({
  method,
  path,
  query,
  headers,
}: Pick<Seen, 'method' | 'path' | 'query' | 'headers'>): BucketAct {
  if (query.get('uploadType') === 'resumable' || query.has('upload_id')) {
    if (method === 'POST') return 'begin';
    if (method === 'DELETE') return 'abort';
    const range = headers['content-range'] ?? '';
    // A range without bytes asks how far it is; one that ends where the whole ends is the last.
    if (range.startsWith('bytes */')) return 'inspect';
    const [, last, total] = /^bytes \d+-(\d+)\/(\d+)$/.exec(range) ?? [];
    return last !== undefined && Number(last) + 1 === Number(total) ? 'finish' : 'part';
  }
  if (query.has('uploadType')) return 'put';
  if (!/\/o\/./.test(path)) return method === 'GET' && path.endsWith('/o') ? 'list' : 'other';
  if (method === 'GET') return query.get('alt') === 'media' ? 'read' : 'stat';
  return method === 'DELETE' ? 'remove' : 'other';
}
