import { describe, expect, it } from 'vitest';
import type { Ack } from '../../main/recording/ack-book.ts';
import { createLaneIntake } from '../../main/recording/lane-intake.ts';
import type { Intake } from '../../main/recording/lane-intake.ts';
import { blocksOf, loadLane, readAll } from '../support/lanes.ts';

const ack: Ack = { seq: 0, sizeBytes: 0, resolve: () => undefined, reject: () => undefined };
const vp8 = loadLane('video-vp8.webm');
const opus = loadLane('audio-opus.webm');
const noise = new Uint8Array(3_000).map((_value, index) => (index * 131) & 255);

const joined = (...pieces: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(pieces));
const framesOf = ({ parts }: Intake) => parts.flatMap((part) => part.chunk.blocks);
const tokensOf = ({ parts }: Intake) => parts.map((part) => part.chunk.token);

describe('a chunk that turns bad in its middle', () => {
  it('gives the whole frames before the damage, says what is wrong and does not carry the ack', () => {
    const good = joined(...vp8.chunks.slice(0, 3));
    const taken = createLaneIntake('video', 0).take({ atMs: 800, bytes: joined(good, noise) }, ack);
    expect(framesOf(taken)).toEqual(blocksOf(readAll([good])));
    expect(framesOf(taken).length).toBeGreaterThan(10);
    expect(taken.trouble).toMatchObject({ code: 'MEDIA_UNREADABLE' });
    expect(tokensOf(taken)).toEqual([null]);
  });

  it('gives the frames of the first recorder when another stream follows, and none of the other', () => {
    const taken = createLaneIntake('video', 0).take({ atMs: 3_100, bytes: joined(vp8.bytes, opus.bytes) }, ack);
    expect(framesOf(taken)).toEqual(blocksOf(readAll([vp8.bytes])));
    expect(taken.trouble).toMatchObject({ code: 'SEGMENT_CLOSED' });
    expect(tokensOf(taken)).toEqual([null]);
  });

  it('gives nothing but the trouble when there was no frame, and again for all that follows', () => {
    const intake = createLaneIntake('video', 0);
    for (const bytes of [noise, vp8.bytes]) {
      const taken = intake.take({ atMs: 250, bytes }, ack);
      expect(taken.parts).toEqual([]);
      expect(taken.trouble).toMatchObject({ code: 'MEDIA_UNREADABLE' });
    }
  });
});

describe('a good chunk', () => {
  it('carries its ack in its last part, also when there is no frame in it', () => {
    const intake = createLaneIntake('video', 0);
    const header = intake.take({ atMs: 100, bytes: vp8.bytes.subarray(0, 20) }, ack);
    expect([header.trouble, tokensOf(header), framesOf(header)]).toEqual([null, [ack], []]);
    const restart = intake.take({ atMs: 6_100, bytes: joined(vp8.bytes.subarray(20), vp8.bytes) }, ack);
    expect([restart.trouble, tokensOf(restart)]).toEqual([null, [null, ack]]);
  });

  it('of a recorder that began again is placed by its own time, whether or not its header came apart from its frames', () => {
    const firstCluster = Buffer.from(vp8.bytes).indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75]));
    const again = [vp8.bytes.subarray(0, firstCluster), vp8.bytes.subarray(firstCluster)];
    const lastMs = blocksOf(readAll([vp8.bytes])).at(-1)?.timeMs ?? 0;
    const starts = [[joined(...again)], again].map((chunks) => {
      const intake = createLaneIntake('video', 0);
      intake.take({ atMs: lastMs, begunAtMs: 0, bytes: vp8.bytes }, ack);
      return chunks
        .flatMap((bytes) => intake.take({ atMs: 60_000 + lastMs, bytes }, ack).parts)
        .flatMap(({ startMs }) => (startMs === null ? [] : [startMs]));
    });
    expect(starts[0]).toHaveLength(1);
    expect(Math.abs((starts[0]?.[0] ?? 0) - 60_000)).toBeLessThan(50);
    expect(starts[1]).toEqual(starts[0]);
  });
});
