import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import type { Recording } from '../../contract/recording.ts';
import { parseByteRange } from './byte-range.ts';
import { contentTypeOf } from './content-type.ts';
import { parseMediaAddress, type MediaAddress } from './media-address.ts';

/** Bytes read ahead of the player; it asks for more when it has room. */
const BLOCK_BYTES = 256 * 1024;

const HEADERS: Record<string, string> = {
  'x-content-type-options': 'nosniff',
  'accept-ranges': 'bytes',
  'cache-control': 'no-store',
};

function refuse(status: number, more: Record<string, string> = {}): Response {
  return new Response(null, { status, headers: { ...HEADERS, ...more } });
}

function fileOf(recording: Recording, address: MediaAddress): string | null {
  if (address.kind === 'thumbnail') return recording.thumbnails[address.index] ?? null;
  return recording.deliverables.find((deliverable) => deliverable.id === address.deliverableId)?.file ?? null;
}

/** Opens a file of a recording; null when it is missing, not a file, or leads out of the recording's folder by any way. */
async function openInside(folder: string, file: string): Promise<FileHandle | null> {
  try {
    const root = await realpath(folder);
    const path = await realpath(resolve(root, file));
    if (!path.startsWith(root + sep)) return null;
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return null;
  }
}

/** A run of bytes as a stream that reads only as fast as it is drunk and closes its file at the end or when cancelled. */
function streamBytes(handle: FileHandle, firstByte: number, lastByte: number): ReadableStream<Uint8Array> {
  let position = firstByte;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const wantedBytes = Math.min(BLOCK_BYTES, lastByte - position + 1);
          const block = new Uint8Array(wantedBytes);
          const { bytesRead } = await handle.read(block, 0, wantedBytes, position);
          position += bytesRead;
          if (bytesRead > 0) controller.enqueue(block.subarray(0, bytesRead));
          if (bytesRead === 0 || position > lastByte) {
            await handle.close();
            controller.close();
          }
        } catch (error) {
          await handle.close().catch(() => undefined);
          controller.error(error);
        }
      },
      async cancel() {
        await handle.close().catch(() => undefined);
      },
    },
    { highWaterMark: 1 },
  );
}

/** Answers a request of the media scheme: ids by grammar and by existence, files inside the recording's folder, Range. */
export async function answerMediaRequest(
  request: Pick<Request, 'url' | 'method'> & { headers: Pick<Headers, 'get'>; signal?: AbortSignal },
  findRecording: (id: Recording['id']) => Promise<Recording | null>,
): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
  const address = parseMediaAddress(request.url);
  const recording = address === null ? null : await findRecording(address.recordingId);
  const file = address === null || recording === null ? null : fileOf(recording, address);
  if (recording === null || file === null) return refuse(404);
  const handle = await openInside(recording.folder, file);
  if (handle === null) return refuse(404);

  const stat = await handle.stat();
  const range = stat.isFile() ? parseByteRange(request.headers.get('range'), stat.size) : null;
  if (range === null || range.kind === 'unsatisfiable') {
    await handle.close();
    return range === null ? refuse(404) : refuse(416, { 'content-range': `bytes */${stat.size}` });
  }
  const firstByte = range.kind === 'part' ? range.firstByte : 0;
  const lastByte = range.kind === 'part' ? range.lastByte : stat.size - 1;
  const headers: Record<string, string> = {
    ...HEADERS,
    'content-type': contentTypeOf(file),
    'content-length': String(lastByte - firstByte + 1),
  };
  if (range.kind === 'part') headers['content-range'] = `bytes ${firstByte}-${lastByte}/${stat.size}`;
  const status = range.kind === 'part' ? 206 : 200;
  if (request.method === 'HEAD' || lastByte < firstByte) {
    await handle.close();
    return new Response(null, { status, headers });
  }
  const body = streamBytes(handle, firstByte, lastByte);
  return new Response(body, { status, headers });
}
