import { ID, listChildren, MAX_ELEMENT_HEAD_BYTES, readAscii, readElementHead, readUint } from './ebml.ts';
import { MatroskaError } from './matroska-error.ts';
import { parseTracks, sameStream, type TrackInfo } from './track-entry.ts';

/** A complete frame of a lane; `timeMs` counts from the lane's own first frame. */
export interface LaneBlock {
  readonly trackNumber: number;
  readonly timeMs: number;
  readonly isKeyFrame: boolean;
  /** Shares memory with the pushed chunk where the frame lay in one chunk: chunks must not be reused after push. */
  readonly payload: Uint8Array;
}

/** The lane's header: `repeat` tells whether it is the first, came again unchanged (the recorder restarted: times start at 0 again) or came with other codecs. */
export interface LaneHeader {
  readonly docType: string;
  readonly timestampScaleNs: number;
  readonly tracks: readonly TrackInfo[];
  readonly repeat: 'first' | 'same' | 'changed';
}

/** What came out of a chunk, in order; after `broken` the lane gives nothing else, but all items before it are good. */
export type LaneItem =
  | { readonly kind: 'header'; readonly header: LaneHeader }
  | { readonly kind: 'block'; readonly block: LaneBlock }
  | { readonly kind: 'broken'; readonly error: MatroskaError };

/** Turns the bytes of one MediaRecorder, cut anywhere, into its header and complete frames. */
export interface LaneParser {
  /** Takes the next bytes of the lane; never throws for bad bytes (they become a `broken` item, repeated for every later push). */
  push(chunk: Uint8Array): LaneItem[];
  /** Bytes of an unfinished frame that are held back; 0 when everything with media in it has been given out. */
  openPayloadBytes(): number;
}

/** A 4K key frame takes about 2 MB; more than this is garbage. */
export const MAX_BLOCK_BYTES = 16 * 1024 * 1024;
const MAX_HEADER_ELEMENT_BYTES = 1024 * 1024;
const NS_PER_MS = 1_000_000;
// 32 bits of milliseconds, 49 days: what the writer's fixed-length cluster time holds.
const MAX_TIME_MS = 0xffffffff;

/** What may follow: the file's very first element, the Segment, its children, or those of a Cluster. */
type Place = 'start' | 'afterEbmlHeader' | 'segment' | 'cluster';

// Elements that carry nothing we need. Anything else is refused: Chromium writes a known set, so a stranger means lost bytes.
const SKIPPED = new Set<number>([
  ID.void,
  ID.crc32,
  ID.seekHead,
  ID.cues,
  ID.tags,
  ID.chapters,
  ID.attachments,
  ID.prevSize,
  ID.position,
  ID.silentTracks,
]);

/** An element whose body did not lie in one chunk; `body` is null when it is only skipped. */
interface OpenElement {
  readonly id: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly body: Uint8Array | null;
  filledBytes: number;
}

/** Creates a parser for one lane, that is for the bytes of one MediaRecorder. */
export function createLaneParser(): LaneParser {
  let place: Place = 'start';
  let broken: MatroskaError | null = null;
  let consumedBytes = 0;
  let open: OpenElement | null = null;
  const carry = new Uint8Array(MAX_ELEMENT_HEAD_BYTES);
  let carryBytes = 0;

  let docType = '';
  let timestampScaleNs = NS_PER_MS;
  let tracks: readonly TrackInfo[] | null = null;
  let trackNumbers = new Set<number>();
  let clusterTime: number | null = null;

  function push(chunk: Uint8Array): LaneItem[] {
    const items: LaneItem[] = [];
    if (broken === null) {
      try {
        consume(chunk, items);
      } catch (error) {
        if (!(error instanceof MatroskaError)) throw error;
        broken = error;
        open = null;
        carryBytes = 0;
      }
    }
    consumedBytes += chunk.length;
    if (broken !== null) items.push({ kind: 'broken', error: broken });
    return items;
  }

  function consume(chunk: Uint8Array, items: LaneItem[]): void {
    let at = 0;
    for (;;) {
      if (open !== null) {
        const takenBytes = Math.min(open.sizeBytes - open.filledBytes, chunk.length - at);
        open.body?.set(chunk.subarray(at, at + takenBytes), open.filledBytes);
        open.filledBytes += takenBytes;
        at += takenBytes;
        if (open.filledBytes < open.sizeBytes) return;
        const { id, body, offsetBytes } = open;
        open = null;
        if (body !== null) takeBody(id, body, offsetBytes, items);
        continue;
      }
      if (at >= chunk.length) return;

      const carriedBytes = carryBytes;
      const head = carriedBytes > 0 ? readCarriedHead(chunk, at) : readElementHead(chunk, at, chunk.length);
      const offsetBytes = consumedBytes + at - carriedBytes;
      if (head === 'bad') throw new MatroskaError('bad-element', 'this is no element', offsetBytes);
      if (head === 'short') {
        // readCarriedHead has already kept its bytes.
        if (carriedBytes === 0) {
          carry.set(chunk.subarray(at));
          carryBytes = chunk.length - at;
        }
        return;
      }
      carryBytes = 0;
      at += head.headBytes - carriedBytes;

      if (enters(head.id, head.sizeBytes, offsetBytes)) continue;
      const sizeBytes = head.sizeBytes;
      if (sizeBytes === null) throw new MatroskaError('bad-element', 'an element of unknown size', offsetBytes);
      const isSkipped = SKIPPED.has(head.id);
      checkLeaf(head.id, sizeBytes, isSkipped, offsetBytes);
      if (!isSkipped && sizeBytes <= chunk.length - at) {
        takeBody(head.id, chunk.subarray(at, at + sizeBytes), offsetBytes, items);
        at += sizeBytes;
      } else {
        open = {
          id: head.id,
          offsetBytes,
          sizeBytes,
          body: isSkipped ? null : new Uint8Array(sizeBytes),
          filledBytes: 0,
        };
      }
    }
  }

  function readCarriedHead(chunk: Uint8Array, at: number): ReturnType<typeof readElementHead> {
    for (let i = at; i < chunk.length; i += 1) {
      carry[carryBytes] = chunk[i] ?? 0;
      carryBytes += 1;
      const head = readElementHead(carry, 0, carryBytes);
      if (head !== 'short') return head;
    }
    return 'short';
  }

  /** Handles the elements whose children are read one by one: Segment and Cluster. */
  function enters(id: number, sizeBytes: number | null, offsetBytes: number): boolean {
    if (id === ID.segment && place === 'afterEbmlHeader') {
      place = 'segment';
      return true;
    }
    if (id === ID.cluster && (place === 'segment' || place === 'cluster')) {
      if (tracks === null) throw new MatroskaError('block-before-tracks', 'a cluster before the tracks', offsetBytes);
      if (sizeBytes === 0) return true;
      place = 'cluster';
      clusterTime = null;
      return true;
    }
    return false;
  }

  function checkLeaf(id: number, sizeBytes: number, isSkipped: boolean, offsetBytes: number): void {
    if (place === 'start' && id !== ID.ebml) {
      throw new MatroskaError('not-matroska', 'the bytes do not start like WebM or Matroska', offsetBytes);
    }
    if (!isSkipped && !isExpected(id, place)) {
      throw new MatroskaError('unexpected-element', `element ${id.toString(16)} does not belong here`, offsetBytes);
    }
    const isFrame = id === ID.simpleBlock || id === ID.blockGroup;
    if (sizeBytes > (isFrame ? MAX_BLOCK_BYTES : MAX_HEADER_ELEMENT_BYTES)) {
      throw new MatroskaError('element-too-large', `an element of ${sizeBytes} bytes`, offsetBytes);
    }
  }

  function takeBody(id: number, body: Uint8Array, offsetBytes: number, items: LaneItem[]): void {
    try {
      switch (id) {
        case ID.ebml:
          takeEbmlHeader(body);
          return;
        case ID.info:
          takeInfo(body);
          return;
        case ID.tracks:
          items.push({ kind: 'header', header: takeTracks(body) });
          return;
        case ID.timestamp:
          clusterTime = readUint(body, 0, body.length);
          return;
        case ID.simpleBlock:
          items.push({ kind: 'block', block: readBlock(body, 0, body.length, null) });
          return;
        case ID.blockGroup:
          items.push({ kind: 'block', block: readBlockGroup(body) });
          return;
        default:
          throw new MatroskaError('unexpected-element', `element ${id.toString(16)} does not belong here`);
      }
    } catch (error) {
      if (!(error instanceof MatroskaError)) throw error;
      throw new MatroskaError(error.code, error.reason, offsetBytes);
    }
  }

  function takeEbmlHeader(body: Uint8Array): void {
    const child = listChildren(body, 0, body.length).find((each) => each.id === ID.docType);
    docType = child === undefined ? 'matroska' : readAscii(body, child.bodyStart, child.end);
    if (docType !== 'webm' && docType !== 'matroska') {
      throw new MatroskaError('not-matroska', 'this EBML file is neither WebM nor Matroska');
    }
    timestampScaleNs = NS_PER_MS;
    clusterTime = null;
    place = 'afterEbmlHeader';
  }

  function takeInfo(body: Uint8Array): void {
    const child = listChildren(body, 0, body.length).find((each) => each.id === ID.timestampScale);
    if (child === undefined) return;
    const scale = readUint(body, child.bodyStart, child.end);
    if (scale < 1 || scale > 1_000_000_000) throw new MatroskaError('bad-header', 'an impossible time scale');
    timestampScaleNs = scale;
  }

  function takeTracks(body: Uint8Array): LaneHeader {
    const found = parseTracks(body, 0, body.length);
    const before = tracks;
    const isSame =
      before !== null &&
      before.length === found.length &&
      found.every((track, index) => {
        const old = before[index];
        return old !== undefined && sameStream(old, track);
      });
    tracks = found;
    trackNumbers = new Set(found.map((track) => track.number));
    return {
      docType,
      timestampScaleNs,
      tracks: found,
      repeat: before === null ? 'first' : isSame ? 'same' : 'changed',
    };
  }

  function readBlock(body: Uint8Array, start: number, end: number, isKeyFrameOfGroup: boolean | null): LaneBlock {
    if (clusterTime === null) throw new MatroskaError('cluster-without-time', 'a frame before its cluster has a time');
    if (end - start < 4) throw new MatroskaError('bad-block', 'a frame without its header');
    const marked = body[start] ?? 0;
    const trackNumber = marked & 0x7f;
    if (marked < 0x80 || !trackNumbers.has(trackNumber)) {
      throw new MatroskaError('unknown-track', 'a frame of a track that the header does not name');
    }
    const flags = body[start + 3] ?? 0;
    if ((flags & 0x06) !== 0) throw new MatroskaError('lacing-unsupported', 'several frames in one block');
    const relative = (((body[start + 1] ?? 0) << 24) >> 16) | (body[start + 2] ?? 0);
    const timeMs = ((clusterTime + relative) * timestampScaleNs) / NS_PER_MS;
    if (timeMs > MAX_TIME_MS) throw new MatroskaError('time-out-of-range', 'a frame is over 49 days late');
    const isKeyFrame = isKeyFrameOfGroup ?? (flags & 0x80) !== 0;
    return { trackNumber, timeMs, isKeyFrame, payload: body.subarray(start + 4, end) };
  }

  function readBlockGroup(body: Uint8Array): LaneBlock {
    const children = listChildren(body, 0, body.length);
    const block = children.find((child) => child.id === ID.block);
    if (block === undefined) throw new MatroskaError('bad-block', 'a block group without a block');
    const isKeyFrame = !children.some((child) => child.id === ID.referenceBlock);
    return readBlock(body, block.bodyStart, block.end, isKeyFrame);
  }

  // Chromium's muxer flushes when the next frame begins, so nearly every chunk ends with the first byte of that frame's
  // element head: a head alone is nothing that could be lost.
  const openPayloadBytes = (): number => (open === null || open.body === null ? 0 : open.filledBytes);

  return { push, openPayloadBytes };
}

function isExpected(id: number, place: Place): boolean {
  switch (id) {
    case ID.ebml:
      return true;
    case ID.info:
    case ID.tracks:
      return place === 'segment' || place === 'cluster';
    case ID.timestamp:
    case ID.simpleBlock:
    case ID.blockGroup:
      return place === 'cluster';
    default:
      return false;
  }
}
