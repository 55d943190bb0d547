import { describe, expect, test } from 'vitest';
import { splitAnnexB } from '../../main/media/matroska/avc.ts';
import { concatBytes, element, ID, textElement, uintElement } from '../../main/media/matroska/ebml.ts';
import { MAX_BLOCK_BYTES, type LaneHeader, type LaneItem } from '../../main/media/matroska/lane-parser.ts';
import { createLaneReader, MAX_HELD_BYTES, MAX_HELD_MS } from '../../main/media/matroska/lane-reader.ts';
import { parseTracks } from '../../main/media/matroska/track-entry.ts';
import { blocksOf, LANE_NAMES, loadLane, parseAll, readAll, seededRandom } from '../support/lanes.ts';

const AVC = 'V_MPEG4/ISO/AVC';
const START = [0, 0, 0, 1];
const SPS = [0x67, 0x42, 0xc0, 0x1f, 0xda];
const PPS = [0x68, 0xce, 0x3c, 0x80];
const KEY = [...START, ...SPS, ...START, ...PPS, ...START, 0x65, 9];
const KEY_WITH_LENGTHS = [0, 0, 0, 5, ...SPS, 0, 0, 0, 4, ...PPS, 0, 0, 0, 2, 0x65, 9];
const CONFIG = [1, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0, 5, ...SPS, 1, 0, 4, ...PPS];
const DELTA = [...START, 0x41, 7];
const DELTA_WITH_LENGTHS = [0, 0, 0, 2, 0x41, 7];
const SOUND = [0xfb, 0x03];

function trackEntry(number: number, codecId: string, codecPrivate?: readonly number[]): Uint8Array {
  const size = element(ID.video, uintElement(ID.pixelWidth, 640), uintElement(ID.pixelHeight, 360));
  return element(
    ID.trackEntry,
    uintElement(ID.trackNumber, number),
    uintElement(ID.trackType, codecId.startsWith('V') ? 1 : 2),
    textElement(ID.codecId, codecId),
    ...(codecId.startsWith('V') ? [size] : []),
    ...(codecPrivate === undefined ? [] : [element(ID.codecPrivate, Uint8Array.from(codecPrivate))]),
  );
}

function head(...entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes([
    element(ID.ebml, textElement(ID.docType, 'matroska')),
    Uint8Array.of(0x18, 0x53, 0x80, 0x67, 0x01, 255, 255, 255, 255, 255, 255, 255),
    element(ID.tracks, ...entries),
  ]);
}

function frame(track: number, timeMs: number, isKey: boolean, payload: ArrayLike<number>): Uint8Array {
  const block = new Uint8Array(4 + payload.length);
  block.set([0x80 | track, 0, 0, isKey ? 0x80 : 0]);
  block.set(payload, 4);
  return element(ID.cluster, uintElement(ID.timestamp, timeMs), element(ID.simpleBlock, block));
}

function told(items: readonly LaneItem[]): string[] {
  return items.map((item) => {
    if (item.kind === 'header') {
      const tracks = item.header.tracks.map(
        ({ number, codecPrivate }) => `${number}:${codecPrivate?.join() ?? 'none'}`,
      );
      return `header ${item.header.repeat} ${tracks.join(' ')}`;
    }
    return item.kind === 'block' ? `${item.block.trackNumber}:${item.block.payload.join()}` : item.kind;
  });
}

function headerOf(items: readonly LaneItem[]): LaneHeader {
  const [first] = items;
  if (first?.kind !== 'header') throw new Error('no header');
  return first.header;
}

const VIDEO = head(trackEntry(1, AVC));
const MIX = head(trackEntry(1, 'A_OPUS'), trackEntry(2, AVC));
const DESCRIBED = `header first 1:${CONFIG.join()}`;

describe('lane reader', () => {
  test('gives the header of an H.264 lane with codec data, and every frame with lengths', () => {
    const items = readAll([VIDEO, frame(1, 0, true, KEY), frame(1, 33, false, DELTA)]);
    expect(told(items)).toEqual([DESCRIBED, `1:${KEY_WITH_LENGTHS.join()}`, `1:${DELTA_WITH_LENGTHS.join()}`]);
  });

  test('puts the codec data into the track entry and leaves all else of it alone', () => {
    const before = headerOf(parseAll([loadLane('video-h264.mkv').bytes]));
    const after = headerOf(readAll([loadLane('video-h264.mkv').bytes]));
    const [track] = after.tracks;
    if (track === undefined) throw new Error('no track');
    expect(parseTracks(track.raw, 0, track.raw.length)).toEqual([track]);
    expect(track.codecPrivate?.[0]).toBe(1);
    expect({ ...track, codecPrivate: null, raw: null }).toEqual({ ...before.tracks[0], codecPrivate: null, raw: null });
    expect({ ...after, tracks: [] }).toEqual({ ...before, tracks: [] });
  });

  test('leaves lanes alone that are no H.264 or have their codec data', () => {
    for (const name of ['audio-opus.webm', 'video-vp8.webm', 'mix-vp8.webm'] as const) {
      expect(told(readAll(loadLane(name).chunks))).toEqual(told(parseAll(loadLane(name).chunks)));
    }
    const ready = [head(trackEntry(1, AVC, CONFIG)), frame(1, 0, true, KEY_WITH_LENGTHS), frame(1, 33, false, DELTA)];
    expect(told(readAll(ready))).toEqual(told(parseAll(ready)));
  });

  test('gives the header of real lanes in the first chunk that has a frame, and says of none that it is held back', () => {
    for (const name of LANE_NAMES) {
      const reader = createLaneReader();
      const [first, ...others] = loadLane(name).chunks;
      const items = reader.push(first ?? new Uint8Array(0));
      const later = others.flatMap((chunk) => {
        expect(reader.openFrames()).toBe(0);
        return reader.push(chunk);
      });
      expect(items.concat(later).filter((item) => item.kind === 'header')).toHaveLength(1);
      const whole = blocksOf(parseAll([loadLane(name).bytes]));
      const read = blocksOf(items.concat(later));
      expect(read.map(({ timeMs, isKeyFrame }) => [timeMs, isKeyFrame])).toEqual(
        whole.map(({ timeMs, isKeyFrame }) => [timeMs, isKeyFrame]),
      );
    }
  });

  test('gives the same items however the bytes are cut', () => {
    for (const name of ['mix-h264.mkv', 'received-h264-resized.mkv'] as const) {
      const { bytes } = loadLane(name);
      const whole = told(readAll([bytes]));
      const random = seededRandom(3);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length;) {
        const end = at + 1 + Math.floor(random() * 900);
        pieces.push(bytes.slice(at, end));
        at = end;
      }
      expect(told(readAll(pieces))).toEqual(whole);
    }
  });

  test('keeps the parameter sets of a later picture size in its key frame', () => {
    const blocks = blocksOf(readAll([loadLane('received-h264-resized.mkv').bytes]));
    const raw = blocksOf(parseAll([loadLane('received-h264-resized.mkv').bytes]));
    const sets = new Set<string>();
    for (const [index, { payload }] of raw.entries()) {
      for (const unit of splitAnnexB(payload) ?? []) {
        if ((unit[0] ?? 0) % 32 !== 7) continue;
        sets.add(unit.join());
        expect(Buffer.from(blocks[index]?.payload ?? []).includes(Buffer.from(unit))).toBe(true);
      }
    }
    expect(sets.size).toBeGreaterThan(1);
  });

  test('holds the sound of a mix for its first picture, tells how many frames that is, and gives them in their order', () => {
    const reader = createLaneReader();
    expect(reader.push(MIX)).toEqual([]);
    expect(reader.openFrames()).toBe(0);
    expect(reader.push(concatBytes([frame(1, 0, true, SOUND), frame(1, 60, true, SOUND)]))).toEqual([]);
    expect(reader.openFrames()).toBe(2);
    const picture = frame(2, 70, true, KEY);
    expect(reader.push(picture.subarray(0, picture.length - 3))).toEqual([]);
    expect(reader.openFrames()).toBe(3);
    expect(told(reader.push(picture.subarray(picture.length - 3)))).toEqual([
      `header first 1:none 2:${CONFIG.join()}`,
      `1:${SOUND.join()}`,
      `1:${SOUND.join()}`,
      `2:${KEY_WITH_LENGTHS.join()}`,
    ]);
    expect(reader.openFrames()).toBe(0);
  });

  test('keeps pictures that come before the first parameter sets', () => {
    const items = readAll([VIDEO, frame(1, 0, false, DELTA), frame(1, 33, true, KEY)]);
    expect(told(items)).toEqual([DESCRIBED, `1:${DELTA_WITH_LENGTHS.join()}`, `1:${KEY_WITH_LENGTHS.join()}`]);
  });

  test('waits for parameter sets so long and for so many bytes, then gives everything as it came', () => {
    const late = [VIDEO, frame(1, 0, false, DELTA), frame(1, MAX_HELD_MS, false, DELTA)];
    expect(readAll(late)).toEqual([]);
    const tooLate = [...late, frame(1, MAX_HELD_MS + 1, false, DELTA), frame(1, 900, true, KEY)];
    expect(told(readAll(tooLate))).toEqual(told(parseAll(tooLate)));
    const large = [VIDEO, frame(1, 0, false, new Uint8Array(MAX_HELD_BYTES))];
    expect(readAll(large)).toHaveLength(0);
    const tooLarge = [...large, frame(1, 1, false, [1])];
    expect(blocksOf(readAll(tooLarge)).map(({ payload }) => payload.length)).toEqual([MAX_HELD_BYTES, 1]);
  });

  test('gives a lane as it came whose key frame has no parameter sets', () => {
    for (const payload of [[...START, 0x65, 9], [1, 2, 3, 4], [], [0, 0, 0, 0], [...START, 0xe7, ...SPS.slice(1)]]) {
      const chunks = [VIDEO, frame(1, 0, true, payload), frame(1, 33, true, KEY)];
      expect(told(readAll(chunks))).toEqual(told(parseAll(chunks)));
    }
  });

  test('passes on a later frame that is no annex B as it came, and converts those after it', () => {
    const garbage = [9, 8, 7];
    const items = readAll([VIDEO, frame(1, 0, true, KEY), frame(1, 33, false, garbage), frame(1, 66, false, DELTA)]);
    expect(told(items).slice(2)).toEqual([`1:${garbage.join()}`, `1:${DELTA_WITH_LENGTHS.join()}`]);
  });

  test('passes on a frame as it came that lengths would make too large to be written', () => {
    // Short start codes grow by a byte each.
    const largest = new Uint8Array(MAX_BLOCK_BYTES - 4).fill(7);
    for (let unit = 0; unit < 10; unit += 1) largest.set([0, 0, 1, 0x41], unit * 1000);
    const [, , block] = readAll([VIDEO, frame(1, 0, true, KEY), frame(1, 33, false, largest)]);
    if (block?.kind !== 'block') throw new Error('no frame');
    expect(Buffer.compare(block.block.payload, largest)).toBe(0);
  });

  test('describes a recorder that began again at once, with the same codec data', () => {
    const chunks = [VIDEO, frame(1, 0, true, KEY), VIDEO, frame(1, 0, false, DELTA)];
    expect(told(readAll(chunks)).slice(2)).toEqual([
      `header same 1:${CONFIG.join()}`,
      `1:${DELTA_WITH_LENGTHS.join()}`,
    ]);
  });

  test('tells a change of codecs at once, also while it waits', () => {
    const other = head(trackEntry(1, 'V_VP8'));
    expect(told(readAll([VIDEO, frame(1, 0, true, KEY), other])).at(-1)).toBe('header changed 1:none');
    expect(told(readAll([VIDEO, frame(1, 0, false, DELTA), other]))).toEqual([
      'header first 1:none',
      `1:${DELTA.join()}`,
      'header changed 1:none',
    ]);
  });

  test('gives out what it held before it reports broken bytes', () => {
    const items = readAll([MIX, frame(1, 0, true, SOUND), new Uint8Array(40)]);
    expect(told(items)).toEqual(['header first 1:none 2:none', `1:${SOUND.join()}`, 'broken']);
  });

  test('never throws for 2,000 lanes of random frames, and gives each frame once, in order, or still holds it', () => {
    const random = seededRandom(11);
    for (let round = 0; round < 2000; round += 1) {
      const reader = createLaneReader();
      const items = reader.push(MIX);
      const count = 1 + Math.floor(random() * 8);
      for (let index = 0; index < count; index += 1) {
        const noise = Array.from({ length: Math.floor(random() * 60) }, () =>
          Math.floor(random() * (random() < 0.6 ? 2 : 256)),
        );
        const payload = random() < 0.2 ? KEY : random() < 0.5 ? [...START, 0x67, ...noise] : noise;
        items.push(...reader.push(frame(1 + Math.floor(random() * 2), index * 100, random() < 0.5, payload)));
      }
      const times = blocksOf(items).map(({ timeMs }) => timeMs);
      const inOrder = times.every((timeMs, index) => timeMs === index * 100);
      const headers = items.filter((item) => item.kind === 'header').length;
      if (!inOrder || times.length + reader.openFrames() !== count || headers !== Math.min(1, times.length)) {
        throw new Error(`round ${round}: ${told(items).join(' | ')}`);
      }
    }
  });
});
