import type { LinkQuality } from '../../contract/quality.ts';

/** How a way is, in bars and in words that say why. */
export type Judgement = { bars: 0 | 1 | 2 | 3 | 4; words: string };

type Steps = readonly [four: number, three: number, two: number];

/**
 * Shares of lost packets. 1 % is what ITU-T G.1010 (11/2001, table I.1) asks for a picture in a conversation and 3 % for speech;
 * above 10 % WebRTC's congestion control sends less (draft-ietf-rmcat-gcc-02, section 6).
 */
const LOSS: Steps = [0.01, 0.03, 0.1];

/**
 * Round trips, twice the one-way times of ITU-T G.114 (05/2003): up to 150 ms nobody notices, up to 400 ms people manage. A third
 * of the 300 ms is left to devices, encoders and the jitter buffer.
 */
const ROUND_TRIP_MS: Steps = [200, 300, 800];

/**
 * Jitter as RTP counts it (RFC 3550, section 6.4.1): 30 ms is the usual limit for voice in networks (Cisco's Enterprise QoS design
 * guide), 50 ms that of ITU-T Y.1541's classes 0 and 1; twice as much is more than a jitter buffer hides.
 */
const JITTER_MS: Steps = [30, 50, 100];

/**
 * Pictures a second, where more is better: 20 are good, 12 are usable, below 8 they are of little use (ITU-T H-series Supplement 1,
 * 05/1999).
 */
const FRAMES: Steps = [20, 12, 8];

const PREFIX = { 4: 'Good', 3: 'Fair', 2: 'Weak', 1: 'Poor' } as const;

type Mark = { bars: 1 | 2 | 3 | 4; reason: string };

function barsUpTo(value: number, [four, three, two]: Steps): Mark['bars'] {
  if (value <= four) return 4;
  if (value <= three) return 3;
  return value <= two ? 2 : 1;
}

function barsFrom(value: number, [four, three, two]: Steps): Mark['bars'] {
  if (value >= four) return 4;
  if (value >= three) return 3;
  return value >= two ? 2 : 1;
}

/** Judges what arrives from one person; `pictureExpected` is whether their camera is on. */
export function judgeLink(link: LinkQuality, pictureExpected: boolean): Judgement {
  const { packetLoss, roundTripMs, jitterMs, framesPerSecond, receivedBitsPerSecond } = link;
  if (receivedBitsPerSecond === 0) return { bars: 0, words: 'Nothing arrives' };
  const marks: Mark[] = [];
  if (packetLoss !== null) {
    const percent = Math.max(1, Math.round(packetLoss * 100));
    marks.push({ bars: barsUpTo(packetLoss, LOSS), reason: `${percent} % of the sound and picture is lost` });
  }
  if (roundTripMs !== null) {
    const seconds = (roundTripMs / 2000).toFixed(1);
    marks.push({ bars: barsUpTo(roundTripMs, ROUND_TRIP_MS), reason: `everything arrives ${seconds} s late` });
  }
  if (jitterMs !== null) {
    marks.push({ bars: barsUpTo(jitterMs, JITTER_MS), reason: 'the sound and picture arrive unevenly' });
  }
  if (pictureExpected && framesPerSecond !== null) {
    const shown = Math.round(framesPerSecond);
    const reason = shown === 0 ? 'the picture stands still' : `only ${shown} pictures a second arrive`;
    marks.push({ bars: barsFrom(framesPerSecond, FRAMES), reason });
  }
  const [first, ...rest] = marks;
  if (first === undefined) return { bars: 0, words: 'Not measured yet' };
  const worst = rest.reduce((lowest, mark) => (mark.bars < lowest.bars ? mark : lowest), first);
  const words = worst.bars === 4 ? PREFIX[4] : `${PREFIX[worst.bars]}: ${worst.reason}`;
  return { bars: worst.bars, words };
}

/** What holds the own picture back, the worst first. */
const HELD_BACK: readonly (Judgement & { limitation: LinkQuality['limitation'] })[] = [
  { limitation: 'cpu', bars: 2, words: 'Your computer is too busy to send the full picture' },
  { limitation: 'bandwidth', bars: 2, words: 'Your connection is too slow to send the full picture' },
  { limitation: 'other', bars: 3, words: 'Your picture goes out smaller than it could' },
  { limitation: 'none', bars: 4, words: 'Good' },
];

/**
 * What the own window sends to everybody as one way of its own: all of the bits, and what holds the picture back the most. Null while
 * nobody else is there, or nothing of it was measured.
 */
export function judgeSending(
  links: readonly LinkQuality[],
): (Pick<LinkQuality, 'sentBitsPerSecond' | 'limitation'> & Judgement) | null {
  const sent = links.flatMap(({ sentBitsPerSecond: bits }) => (bits === null ? [] : [bits]));
  if (sent.length === 0) return null;
  const sentBitsPerSecond = sent.reduce((sum, bits) => sum + bits, 0);
  if (sentBitsPerSecond === 0) {
    return { sentBitsPerSecond, limitation: null, bars: 0, words: 'Nothing of you goes out' };
  }
  const worst = HELD_BACK.find(({ limitation }) => links.some((link) => link.limitation === limitation));
  return { sentBitsPerSecond, ...(worst ?? { limitation: null, bars: 4, words: 'Good' }) };
}
