import { initials } from '../ui/initials.ts';
import { fitPicture, layOutTiles } from './layout.ts';
import type { Rectangle } from './layout.ts';
import type { MixNews } from './mix-messages.ts';

/** A picture this old is shown dimmed: it is a memory, not what the person does now. */
const STALE_AFTER_MS = 1500;
/** After this long without a frame the name takes the picture's place. */
const NAME_AFTER_MS = 10_000;
/** A live source gives its next frame within this. */
const LAST_FRAME_MS = 200;

// LOOK.md's dark tokens: a worker has no style sheet to take them from.
const GROUND = '#0E1113';
const PANEL = '#161A1D';
const RAISED = '#20262A';
const TEXT = '#EEF1EF';
const PLATE = 'rgba(14, 17, 19, 0.72)';
const DIM = 'rgba(14, 17, 19, 0.55)';
const FONT = 'system-ui, sans-serif';

type Showing = 'live' | 'stale' | 'name';

type Tile = {
  id: string;
  name: string;
  place: Rectangle;
  /** When the last picture came; null while there is none to show. */
  pictureAtMs: number | null;
  shown: Showing | null;
  /** The loop that reads this tile's pictures; another value makes an older loop end. */
  feed: object | null;
};

type MixPictureOptions = {
  width: number;
  height: number;
  framesPerSecond: number;
  output: WritableStream<VideoFrame>;
};

/**
 * Draws everybody on one canvas on its own clock and hands every drawing on as a video frame. It never waits for a
 * source: a tile that freezes keeps its last frame, then shows the name.
 */
export class MixPicture {
  readonly #options: MixPictureOptions;
  readonly #tell: (news: MixNews) => void;
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #writer: WritableStreamDefaultWriter<VideoFrame>;
  readonly #frameMs: number;
  readonly #startedAtMs = performance.now();
  readonly #readers = new Set<ReadableStreamDefaultReader<VideoFrame>>();
  #tiles: Tile[] = [];
  #tick = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  #writing = false;
  #held: VideoFrame | null = null;
  #flowing = false;
  #drawnFrames = 0;
  #lastDrawnAtMs: number | null = null;
  #largestGapMs = 0;
  #reportedAtMs = performance.now();

  constructor(options: MixPictureOptions, tell: (news: MixNews) => void) {
    this.#options = options;
    this.#tell = tell;
    this.#frameMs = 1000 / options.framesPerSecond;
    this.#canvas = new OffscreenCanvas(options.width, options.height);
    const context = this.#canvas.getContext('2d', { alpha: false, desynchronized: true });
    if (context === null) throw new Error('This browser gives no 2D canvas to a worker.');
    this.#context = context;
    this.#writer = options.output.getWriter();
    this.#scheduleTick();
  }

  /** Places exactly these people, keeping the pictures of those who were there. */
  setPeople(people: { id: string; name: string }[]): void {
    const { width, height } = this.#options;
    const places = layOutTiles(people.length, width, height);
    const before = new Map(this.#tiles.map((tile) => [tile.id, tile]));
    const drawing = new OffscreenCanvas(width, height);
    drawing.getContext('2d', { alpha: false })?.drawImage(this.#canvas, 0, 0);
    this.#context.fillStyle = GROUND;
    this.#context.fillRect(0, 0, width, height);
    this.#tiles = people.map(({ id, name }, index) => {
      const place = places[index] ?? { x: 0, y: 0, width: 0, height: 0 };
      const known = before.get(id);
      if (known === undefined || known.pictureAtMs === null) {
        return { id, name, place, pictureAtMs: null, shown: null, feed: known?.feed ?? null };
      }
      const from = known.place;
      this.#context.drawImage(
        drawing,
        from.x,
        from.y,
        from.width,
        from.height,
        place.x,
        place.y,
        place.width,
        place.height,
      );
      return { ...known, name, place };
    });
  }

  /** Shows the frames of one source in a person's tile until it ends or another one takes its place. */
  async readFrames(id: string, frames: ReadableStream<VideoFrame>): Promise<void> {
    const feed = {};
    const reader = frames.getReader();
    const first = this.#tiles.find((tile) => tile.id === id);
    if (first !== undefined) first.feed = feed;
    this.#readers.add(reader);
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        // Looked up again: the tile may have been laid out anew, or left, while we waited.
        const tile = this.#tiles.find((candidate) => candidate.feed === feed);
        if (tile === undefined || this.#stopped) {
          value.close();
          await reader.cancel();
          return;
        }
        // Drawn and given back at once: a camera has few frames, and Chromium hands out no more while two are held.
        this.#drawPicture(tile, value);
        value.close();
      }
    } catch {
      // A source that fails is a source that froze: the tile already knows what to show.
    } finally {
      this.#readers.delete(reader);
    }
  }

  /** Forgets a person's picture: the name is shown at once. */
  dropPicture(id: string): void {
    const tile = this.#tiles.find((candidate) => candidate.id === id);
    if (tile === undefined) return;
    tile.feed = null;
    tile.pictureAtMs = null;
  }

  /** Draws no more and ends the output. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#held?.close();
    this.#held = null;
    await this.#writer.close().catch(() => undefined);
    // Loops end with their next frame; one that is cancelled with a frame on the way would leak it. Silent sources wait
    // for nothing.
    await new Promise((resolve) => {
      setTimeout(resolve, LAST_FRAME_MS);
    });
    await Promise.allSettled([...this.#readers].map((reader) => reader.cancel()));
  }

  #scheduleTick(): void {
    const dueAtMs = this.#startedAtMs + this.#tick * this.#frameMs;
    this.#timer = setTimeout(() => this.#draw(), Math.max(0, dueAtMs - performance.now()));
  }

  #draw(): void {
    if (this.#stopped) return;
    const nowMs = performance.now();
    // After a stall the clock goes on from now: catching up would only add load to a busy machine.
    this.#tick = Math.max(this.#tick + 1, Math.ceil((nowMs - this.#startedAtMs) / this.#frameMs));
    this.#drawTiles(nowMs);
    this.#emit(nowMs);
    this.#scheduleTick();
  }

  /** Draws what changes without a new picture: a tile that grows stale, or has nothing but a name to show. */
  #drawTiles(nowMs: number): void {
    for (const tile of this.#tiles) {
      const showing = whatToShow(tile, nowMs);
      if (showing === tile.shown) continue;
      tile.shown = showing;
      if (showing === 'stale') this.#dim(tile);
      else if (showing === 'name') this.#drawInitials(tile);
    }
  }

  #drawPicture(tile: Tile, frame: VideoFrame): void {
    const place = fitPicture(tile.place, frame.displayWidth, frame.displayHeight);
    if (place.width < tile.place.width || place.height < tile.place.height) {
      this.#context.fillStyle = PANEL;
      this.#context.fillRect(tile.place.x, tile.place.y, tile.place.width, tile.place.height);
    }
    this.#context.drawImage(frame, place.x, place.y, place.width, place.height);
    this.#drawName(tile);
    tile.pictureAtMs = performance.now();
    tile.shown = 'live';
  }

  #dim(tile: Tile): void {
    this.#context.fillStyle = DIM;
    this.#context.fillRect(tile.place.x, tile.place.y, tile.place.width, tile.place.height);
    this.#drawName(tile);
  }

  #drawInitials(tile: Tile): void {
    const context = this.#context;
    const { x, y, width, height } = tile.place;
    context.fillStyle = RAISED;
    context.fillRect(x, y, width, height);
    context.fillStyle = TEXT;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.font = `600 ${Math.round(height / 4)}px ${FONT}`;
    context.fillText(initials(tile.name), x + width / 2, y + height / 2);
    this.#drawName(tile);
  }

  #drawName(tile: Tile): void {
    const context = this.#context;
    const size = Math.max(14, Math.round(tile.place.height / 22));
    context.font = `500 ${size}px ${FONT}`;
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    const widest = tile.place.width - size * 2;
    const textWidth = Math.min(context.measureText(tile.name).width, widest);
    const plateHeight = Math.round(size * 1.7);
    const x = tile.place.x + size / 2;
    const y = tile.place.y + tile.place.height - plateHeight - size / 2;
    context.fillStyle = PLATE;
    context.beginPath();
    context.roundRect(x, y, textWidth + size, plateHeight, size / 2);
    context.fill();
    context.fillStyle = TEXT;
    context.fillText(tile.name, x + size / 2, y + plateHeight / 2, widest);
  }

  #emit(nowMs: number): void {
    if (this.#lastDrawnAtMs !== null) this.#largestGapMs = Math.max(this.#largestGapMs, nowMs - this.#lastDrawnAtMs);
    this.#lastDrawnAtMs = nowMs;
    // A drawing goes out one tick late: the mixed sound comes 34 ms behind the picture by itself (measured, 3 runs).
    const due = this.#held;
    this.#held = new VideoFrame(this.#canvas, { timestamp: Math.round((nowMs + this.#frameMs) * 1000) });
    // One frame at a time in the pipe: a slow encoder costs frames, never memory.
    if (due !== null && !this.#writing) {
      this.#writing = true;
      this.#drawnFrames += 1;
      void this.#write(due);
    } else {
      due?.close();
    }
    if (nowMs - this.#reportedAtMs >= 1000) {
      this.#tell({ kind: 'report', drawnFrames: this.#drawnFrames, largestGapMs: this.#largestGapMs });
      this.#reportedAtMs = nowMs;
    }
  }

  async #write(frame: VideoFrame): Promise<void> {
    try {
      await this.#writer.write(frame);
      this.#writing = false;
      if (this.#flowing) return;
      this.#flowing = true;
      this.#tell({ kind: 'flowing' });
    } catch {
      // The track was stopped: nobody looks any more.
      this.#stopped = true;
      frame.close();
    }
  }
}

function whatToShow({ pictureAtMs }: Tile, nowMs: number): Showing {
  if (pictureAtMs === null || nowMs - pictureAtMs >= NAME_AFTER_MS) return 'name';
  return nowMs - pictureAtMs >= STALE_AFTER_MS ? 'stale' : 'live';
}

/** Draws a letter nobody sees: the first text of a process loads its fonts, which takes up to half a second. */
export function warmUp(): void {
  const canvas = new OffscreenCanvas(64, 64);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.font = `600 32px ${FONT}`;
  context.fillText('A', 0, 32);
  new VideoFrame(canvas, { timestamp: 0 }).close();
}
