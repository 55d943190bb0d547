import { describe, expect, test } from 'vitest';
import { concatBytes, element, ID, uintElement } from '../../main/media/matroska/ebml.ts';
import { createLaneParser, MAX_BLOCK_BYTES, type LaneItem } from '../../main/media/matroska/lane-parser.ts';
import { MatroskaError } from '../../main/media/matroska/matroska-error.ts';
import { blocksOf, LANE_NAMES, loadLane, parseAll, seededRandom } from '../support/lanes.ts';

function* cut(bytes: Uint8Array, nextSize: () => number): Generator<Uint8Array> {
  let at = 0;
  while (at < bytes.length) {
    const size = Math.max(1, nextSize());
    // A copy of its own, as every chunk that came over a process boundary is.
    yield bytes.slice(at, at + size);
    at += size;
  }
}

function plain(items: readonly LaneItem[]): string[] {
  return items.map((item) => {
    if (item.kind !== 'block') return item.kind;
    const { trackNumber, timeMs, isKeyFrame, payload } = item.block;
    return `${trackNumber} ${timeMs} ${isKeyFrame} ${Buffer.from(payload).toString('base64')}`;
  });
}

function errorCodes(items: readonly LaneItem[]): string[] {
  return items.flatMap((item) => (item.kind === 'broken' ? [item.error.code] : []));
}

function headBytes(name: (typeof LANE_NAMES)[number]): Uint8Array {
  const { bytes } = loadLane(name);
  return bytes.slice(0, Buffer.from(bytes).indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75])));
}

const CLUSTER_AT_0 = Uint8Array.of(0x1f, 0x43, 0xb6, 0x75, 0x01, 255, 255, 255, 255, 255, 255, 255, 0xe7, 0x81, 0);

describe('lane parser', () => {
  test('reads the header and every frame of real lanes, with nothing left over', () => {
    const frames = LANE_NAMES.map((name) => {
      const items = parseAll([loadLane(name).bytes]);
      expect(errorCodes(items)).toEqual([]);
      expect(items[0]?.kind).toBe('header');
      return blocksOf(items).length;
    });
    // 3 s at 15 frames and, for sound, 16.7 packets of 60 ms a second.
    for (const count of frames) expect(count).toBeGreaterThan(40);
  });

  test('tells codec, size and sampling of each track as the recorder wrote them', () => {
    const [mix] = parseAll([loadLane('mix-vp8.webm').bytes]);
    if (mix?.kind !== 'header') throw new Error('no header');
    expect(mix.header).toMatchObject({ docType: 'webm', timestampScaleNs: 1_000_000, repeat: 'first' });
    // Chromium numbers the tracks in the order in which they first spoke.
    const tracks = mix.header.tracks.toSorted((a, b) => a.type.localeCompare(b.type));
    expect(tracks).toMatchObject([
      { type: 'audio', codecId: 'A_OPUS', audio: { samplingHz: 48_000 }, video: null },
      { type: 'video', codecId: 'V_VP8', codecPrivate: null, video: { widthPx: 320, heightPx: 240 }, audio: null },
    ]);
    expect(Buffer.from(tracks[0]?.codecPrivate ?? []).toString('latin1')).toMatch(/^OpusHead/);
    const [h264] = parseAll([loadLane('video-h264.mkv').bytes]);
    expect(h264).toMatchObject({ header: { docType: 'matroska', tracks: [{ codecId: 'V_MPEG4/ISO/AVC' }] } });
  });

  test('gives the same frames however the bytes are cut', () => {
    for (const name of LANE_NAMES) {
      const { bytes, chunks } = loadLane(name);
      const whole = plain(parseAll([bytes]));
      expect(plain(parseAll(chunks))).toEqual(whole);
      expect(plain(parseAll(cut(bytes, () => 1)))).toEqual(whole);
      const random = seededRandom(bytes.length);
      for (let round = 0; round < 20; round += 1) {
        const largest = 1 + 6000 * random() ** 2;
        expect(plain(parseAll(cut(bytes, () => Math.floor(random() * largest))))).toEqual(whole);
      }
    }
  });

  test('gives the same frames when cut in two at any position', () => {
    const { bytes } = loadLane('mix-vp8.webm');
    const short = bytes.subarray(0, 3500);
    const whole = plain(parseAll([short]));
    for (let at = 1; at < short.length; at += 1) {
      const parser = createLaneParser();
      const items = [...parser.push(short.slice(0, at)), ...parser.push(short.slice(at))];
      if (plain(items).join('|') !== whole.join('|')) throw new Error(`cut at ${at} differs`);
    }
  });

  test('holds back no byte of media after the chunks that Chromium gives out', () => {
    for (const name of LANE_NAMES) {
      const parser = createLaneParser();
      for (const chunk of loadLane(name).chunks) {
        parser.push(chunk);
        expect(parser.openPayloadBytes()).toBe(0);
      }
    }
  });

  test('says how many bytes of a frame it holds back when a chunk ends inside one', () => {
    const { bytes } = loadLane('video-vp8.webm');
    const parser = createLaneParser();
    parser.push(bytes.slice(0, 400));
    expect(parser.openPayloadBytes()).toBeGreaterThan(200);
    parser.push(bytes.slice(400));
    expect(parser.openPayloadBytes()).toBe(0);
  });

  test('keeps all frames before garbage and then reports the garbage with its place, again for every later push', () => {
    const { bytes } = loadLane('video-vp8.webm');
    const whole = blocksOf(parseAll([bytes])).length;
    const parser = createLaneParser();
    const items = parser.push(concatBytes([bytes, new Uint8Array(100)]));
    expect(blocksOf(items)).toHaveLength(whole);
    expect(items.at(-1)).toMatchObject({ kind: 'broken', error: { code: 'bad-element', offsetBytes: bytes.length } });
    expect(errorCodes(parser.push(bytes))).toEqual(['bad-element']);
  });

  test('refuses what is not Matroska at once', () => {
    const mp4 = new TextEncoder().encode('\0\0\0 ftypisom0123456789');
    expect(errorCodes(parseAll([mp4]))).toEqual(['bad-element']);
    expect(errorCodes(parseAll([new TextEncoder().encode('RIFFRIFFRIFFRIFF')]))).toEqual(['not-matroska']);
    const avi = element(ID.ebml, element(ID.docType, new TextEncoder().encode('other')));
    expect(errorCodes(parseAll([avi]))).toEqual(['not-matroska']);
  });

  test('accepts a frame of the largest size and refuses one a byte larger before it takes memory for it', () => {
    const frame = (sizeBytes: number): Uint8Array =>
      concatBytes([
        headBytes('video-vp8.webm'),
        CLUSTER_AT_0,
        Uint8Array.of(0xa3, 0x10 | (sizeBytes >> 24), sizeBytes >> 16, sizeBytes >> 8, sizeBytes),
        Uint8Array.of(0x81, 0, 0, 0x80),
      ]);
    const parser = createLaneParser();
    expect(errorCodes(parser.push(frame(MAX_BLOCK_BYTES)))).toEqual([]);
    expect(blocksOf(parser.push(new Uint8Array(MAX_BLOCK_BYTES - 4)))).toHaveLength(1);
    expect(errorCodes(parseAll([frame(MAX_BLOCK_BYTES + 1)]))).toEqual(['element-too-large']);
  });

  test('reads a block group, a key frame exactly when it refers to no other', () => {
    const block = element(ID.block, Uint8Array.of(0x81, 0, 5, 0, 1, 2, 3));
    const bytes = concatBytes([
      headBytes('video-vp8.webm'),
      CLUSTER_AT_0,
      element(ID.blockGroup, block),
      element(ID.blockGroup, block, uintElement(ID.referenceBlock, 1)),
    ]);
    const blocks = blocksOf(parseAll([bytes]));
    expect(blocks.map((each) => each.isKeyFrame)).toEqual([true, false]);
    expect(blocks[0]).toMatchObject({ timeMs: 5, payload: Uint8Array.of(1, 2, 3) });
  });

  test.each([
    ['several frames in one block', Uint8Array.of(0xa3, 0x86, 0x81, 0, 0, 0x02, 1, 2), 'lacing-unsupported'],
    ['a track the header does not name', Uint8Array.of(0xa3, 0x85, 0x82, 0, 0, 0x80, 1), 'unknown-track'],
    ['a block shorter than its header', Uint8Array.of(0xa3, 0x82, 0x81, 0), 'bad-block'],
    ['an element of unknown size', Uint8Array.of(0xa3, 0xff, 0x81, 0), 'bad-element'],
    ['an element that does not belong here', Uint8Array.of(0x42, 0x86, 0x81, 1), 'unexpected-element'],
  ])('reports %s', (_what, bytes, code) => {
    expect(errorCodes(parseAll([concatBytes([headBytes('video-vp8.webm'), CLUSTER_AT_0, bytes])]))).toEqual([code]);
  });

  test('reports frames that come before the tracks or before their cluster has a time', () => {
    const head = headBytes('video-vp8.webm');
    const withoutTracks = head.slice(0, Buffer.from(head).indexOf(Buffer.from([0x16, 0x54, 0xae, 0x6b])));
    expect(errorCodes(parseAll([concatBytes([withoutTracks, CLUSTER_AT_0])]))).toEqual(['block-before-tracks']);
    const timeless = concatBytes([head, CLUSTER_AT_0.subarray(0, 12), Uint8Array.of(0xa3, 0x85, 0x81, 0, 0, 0x80, 1)]);
    expect(errorCodes(parseAll([timeless]))).toEqual(['cluster-without-time']);
    const { bytes } = loadLane('video-vp8.webm');
    const second = concatBytes([bytes, timeless.subarray(head.length)]);
    expect(errorCodes(parseAll([second]))).toEqual(['cluster-without-time']);
  });

  test('reports a header that comes again, and whether the codecs are still the same', () => {
    const repeats = (first: Uint8Array, second: Uint8Array): string[] =>
      parseAll([first, second]).flatMap((item) => (item.kind === 'header' ? [item.header.repeat] : [item.kind]));
    const opus = headBytes('audio-opus.webm');
    expect(repeats(opus, opus)).toEqual(['first', 'same']);
    const otherPrivate = opus.slice();
    const preSkipAt = Buffer.from(opus).indexOf('OpusHead') + 10;
    otherPrivate[preSkipAt] = 0x38;
    expect(repeats(opus, otherPrivate)).toEqual(['first', 'changed']);
    expect(repeats(opus, headBytes('video-vp8.webm'))).toEqual(['first', 'changed']);
  });

  test('survives 2,000 lanes with flipped bytes: good items, then at most one typed error', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 2000; round += 1) {
      const { bytes } = loadedLanes[round % loadedLanes.length] ?? { bytes: new Uint8Array(0) };
      const damaged = bytes.slice(0, 8000);
      for (let flips = 1 + Math.floor(random() * 20); flips > 0; flips -= 1) {
        // Most flips hit the header and the first frames, where they hurt most.
        damaged[Math.floor(random() ** 3 * damaged.length)] = Math.floor(random() * 256);
      }
      const items = createLaneParser().push(damaged);
      const broken = items.findIndex((item) => item.kind === 'broken');
      if (broken !== -1 && broken !== items.length - 1) throw new Error('items after the end');
      for (const item of items) if (item.kind === 'broken' && !(item.error instanceof MatroskaError)) throw item.error;
    }
  });
});

const loadedLanes = LANE_NAMES.map((name) => loadLane(name));
