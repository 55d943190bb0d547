import { joinWithLengths, splitAnnexB } from './avc.ts';
import { buildAvcConfig } from './avc-config.ts';
import { createLaneParser, MAX_BLOCK_BYTES, type LaneBlock, type LaneHeader, type LaneItem } from './lane-parser.ts';
import { withCodecPrivate, type TrackInfo } from './track-entry.ts';

/** Turns the bytes of one MediaRecorder into a header and frames as the Matroska codec mappings want them. */
export interface LaneReader {
  /** Takes the next bytes of the lane; never throws for bad bytes (see LaneParser). */
  push(chunk: Uint8Array): LaneItem[];
  /** How many frames that have bytes in the chunks so far have not been given out yet. */
  openFrames(): number;
}

/**
 * Frames wait for the first picture with parameter sets no longer than this, by their own times, and no more of them. Chromium's
 * recorders begin every picture with such a frame, so all that waits in practice is the sound of a mix for its first picture.
 */
export const MAX_HELD_MS = 500;
export const MAX_HELD_BYTES = 4 * 1024 * 1024;
const AVC = 'V_MPEG4/ISO/AVC';

/**
 * `waiting`: the header and all frames after it are held until each H.264 track has shown its parameter sets.
 * `described`: the codec data of those tracks by track number; their frames get lengths in place of start codes.
 * `asItCame`: nothing is changed, since the lane has no such track or never gave usable parameter sets.
 */
type State =
  | { readonly kind: 'waiting'; readonly header: LaneHeader; readonly open: ReadonlySet<number>; readonly held: Held }
  | { readonly kind: 'described' }
  | { readonly kind: 'asItCame' };

interface Held {
  readonly blocks: LaneBlock[];
  sizeBytes: number;
  firstMs: number;
}

/**
 * Creates a reader for one lane. Chromium's H.264 comes as annex B without codec data; its header comes out with the first frame
 * that has the parameter sets, carrying an avcC made of them, and its frames with lengths before their NAL units. No NAL unit is
 * left out: parameter sets stay in the frames too, because those of another picture size come in the same way.
 */
export function createLaneReader(): LaneReader {
  const parser = createLaneParser();
  const configs = new Map<number, Uint8Array>();
  let state: State = { kind: 'asItCame' };

  function push(chunk: Uint8Array): LaneItem[] {
    const items: LaneItem[] = [];
    for (const item of parser.push(chunk)) {
      switch (item.kind) {
        case 'header':
          takeHeader(item.header, items);
          break;
        case 'block':
          takeBlock(item.block, items);
          break;
        case 'broken':
          giveUpWaiting(items);
          items.push(item);
          break;
      }
    }
    return items;
  }

  function takeHeader(header: LaneHeader, items: LaneItem[]): void {
    // A recorder that began again before there was anything to wait for any longer.
    giveUpWaiting(items);
    if (header.repeat === 'first') {
      const open = new Set(header.tracks.filter(lacksCodecData).map((track) => track.number));
      if (open.size > 0) {
        state = { kind: 'waiting', header, open, held: { blocks: [], sizeBytes: 0, firstMs: 0 } };
        return;
      }
    } else if (header.repeat === 'changed') {
      // Another stream: the file of the first one cannot hold it, and whoever reads this lane ends it here.
      state = { kind: 'asItCame' };
    }
    items.push({ kind: 'header', header: state.kind === 'described' ? describe(header) : header });
  }

  function takeBlock(block: LaneBlock, items: LaneItem[]): void {
    if (state.kind !== 'waiting') {
      items.push({ kind: 'block', block: converted(block) });
      return;
    }
    const { header, open, held } = state;
    if (held.blocks.length === 0) held.firstMs = block.timeMs;
    held.blocks.push(block);
    held.sizeBytes += block.payload.length;
    if (open.has(block.trackNumber) && !configs.has(block.trackNumber)) {
      const config = buildAvcConfig(splitAnnexB(block.payload) ?? []);
      if (config !== null) configs.set(block.trackNumber, config);
      // Without its parameter sets in it, a key frame is not what Chromium writes: nothing better will come.
      else if (block.isKeyFrame) return giveUpWaiting(items);
    }
    if (configs.size === open.size) {
      state = { kind: 'described' };
      items.push({ kind: 'header', header: describe(header) });
      for (const each of held.blocks) items.push({ kind: 'block', block: converted(each) });
    } else if (held.sizeBytes > MAX_HELD_BYTES || block.timeMs - held.firstMs > MAX_HELD_MS) {
      giveUpWaiting(items);
    }
  }

  /** Gives out what was held as it came: FFmpeg and Chromium play that as well, and nothing is lost. */
  function giveUpWaiting(items: LaneItem[]): void {
    if (state.kind !== 'waiting') return;
    const { header, held } = state;
    state = { kind: 'asItCame' };
    items.push({ kind: 'header', header });
    for (const block of held.blocks) items.push({ kind: 'block', block });
  }

  function describe(header: LaneHeader): LaneHeader {
    const tracks = header.tracks.map((track) => {
      const config = configs.get(track.number);
      return config === undefined ? track : withCodecPrivate(track, config);
    });
    return { ...header, tracks };
  }

  function converted(block: LaneBlock): LaneBlock {
    if (state.kind !== 'described' || !configs.has(block.trackNumber)) return block;
    const units = splitAnnexB(block.payload);
    // No annex B after all: better the bytes as they came than none.
    if (units === null) return block;
    const payload = joinWithLengths(units);
    return payload.length > MAX_BLOCK_BYTES ? block : { ...block, payload };
  }

  function openFrames(): number {
    const heldFrames = state.kind === 'waiting' ? state.held.blocks.length : 0;
    return heldFrames + (parser.openPayloadBytes() > 0 ? 1 : 0);
  }

  return { push, openFrames };
}

function lacksCodecData(track: TrackInfo): boolean {
  return track.codecId === AVC && track.codecPrivate === null;
}
