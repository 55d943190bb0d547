import { describe, expect, it } from 'vitest';
import { goodLink } from '../support/good-link.ts';
import { participantIdSchema } from '../../contract/ids.ts';
import { participantQualitySchema, type LinkQuality } from '../../contract/quality.ts';
import { judgeLink, judgeSending } from '../../main/calls/judge-quality.ts';

const BEN = participantIdSchema.parse('00000000-0000-4000-8000-000000000be4');
const link = (over: Partial<LinkQuality> = {}): LinkQuality => goodLink(BEN, over);

describe('what arrives from a person', () => {
  it('is good while nothing is wrong', () => {
    expect(judgeLink(link(), true)).toEqual({ bars: 4, words: 'Good' });
  });

  it.each([
    [{ packetLoss: 0.01 }, 4],
    [{ packetLoss: 0.0101 }, 3],
    [{ packetLoss: 0.03 }, 3],
    [{ packetLoss: 0.0301 }, 2],
    [{ packetLoss: 0.1 }, 2],
    [{ packetLoss: 0.1001 }, 1],
    [{ packetLoss: 1 }, 1],
    [{ roundTripMs: 200 }, 4],
    [{ roundTripMs: 201 }, 3],
    [{ roundTripMs: 300 }, 3],
    [{ roundTripMs: 301 }, 2],
    [{ roundTripMs: 800 }, 2],
    [{ roundTripMs: 801 }, 1],
    [{ jitterMs: 30 }, 4],
    [{ jitterMs: 31 }, 3],
    [{ jitterMs: 50 }, 3],
    [{ jitterMs: 51 }, 2],
    [{ jitterMs: 100 }, 2],
    [{ jitterMs: 101 }, 1],
    [{ framesPerSecond: 20 }, 4],
    [{ framesPerSecond: 19.9 }, 3],
    [{ framesPerSecond: 12 }, 3],
    [{ framesPerSecond: 11.9 }, 2],
    [{ framesPerSecond: 8 }, 2],
    [{ framesPerSecond: 7.9 }, 1],
    [{ framesPerSecond: 0 }, 1],
    [{ receivedBitsPerSecond: 0 }, 0],
  ])('has at %j %i bars', (over, bars) => {
    expect(judgeLink(link(over), true).bars).toBe(bars);
  });

  it.each([
    [{ packetLoss: 0.02 }, 'Fair: 2 % of the sound and picture is lost'],
    [{ packetLoss: 0.012 }, 'Fair: 1 % of the sound and picture is lost'],
    [{ packetLoss: 0.42 }, 'Poor: 42 % of the sound and picture is lost'],
    [{ roundTripMs: 700 }, 'Weak: everything arrives 0.3 s late'],
    [{ jitterMs: 80 }, 'Weak: the sound and picture arrive unevenly'],
    [{ framesPerSecond: 9.6 }, 'Weak: only 10 pictures a second arrive'],
    [{ framesPerSecond: 0 }, 'Poor: the picture stands still'],
    [{ receivedBitsPerSecond: 0 }, 'Nothing arrives'],
    // The worst of several is named.
    [{ packetLoss: 0.02, roundTripMs: 900 }, 'Poor: everything arrives 0.5 s late'],
  ])('is said in words: %j', (over, words) => {
    expect(judgeLink(link(over), true).words).toBe(words);
  });

  it('without pictures is as good while the camera is off', () => {
    expect(judgeLink(link({ framesPerSecond: 0, width: null, height: null }), false).bars).toBe(4);
  });

  it('is judged by what is known at the first look', () => {
    expect(judgeLink(link({ receivedBitsPerSecond: null, framesPerSecond: null }), true).words).toBe('Good');
  });

  it('of which nothing was measured is said to be so', () => {
    const nothing = link({
      packetLoss: null,
      roundTripMs: null,
      jitterMs: null,
      framesPerSecond: null,
      receivedBitsPerSecond: null,
    });
    expect(judgeLink(nothing, true)).toEqual({ bars: 0, words: 'Not measured yet' });
  });

  it('has words that fit the contract, whatever was measured', () => {
    for (const value of [0, 1e-9, 0.5, 1, 1e12]) {
      const over = {
        packetLoss: Math.min(1, value),
        roundTripMs: value,
        jitterMs: value,
        framesPerSecond: value,
        receivedBitsPerSecond: value,
      };
      const measured = link(over);
      const judged = { ...measured, ...judgeLink(measured, true), measuredAtMs: 1 };
      expect(participantQualitySchema.safeParse(judged).success).toBe(true);
    }
  });
});

describe('what goes out to everybody', () => {
  it('is nothing to speak of without anybody to send to', () => {
    expect(judgeSending([])).toBeNull();
    expect(judgeSending([link({ sentBitsPerSecond: null })])).toBeNull();
  });

  it('is all of the bits, and good while nothing holds it back', () => {
    expect(judgeSending([link(), link()])).toEqual({
      bars: 4,
      words: 'Good',
      limitation: 'none',
      sentBitsPerSecond: 800_000,
    });
  });

  it.each([
    [['none', 'bandwidth'], 'bandwidth', 2, 'Your connection is too slow to send the full picture'],
    [['bandwidth', 'cpu'], 'cpu', 2, 'Your computer is too busy to send the full picture'],
    [['other', 'none'], 'other', 3, 'Your picture goes out smaller than it could'],
    [['none', null], 'none', 4, 'Good'],
    [[null, null], null, 4, 'Good'],
  ] as const)('with %j is held back by %s', (limitations, limitation, bars, words) => {
    const links = limitations.map((each) => link({ limitation: each }));
    expect(judgeSending(links)).toMatchObject({ limitation, bars, words });
  });

  it('is nothing when no bit goes out', () => {
    expect(judgeSending([link({ sentBitsPerSecond: 0, limitation: 'cpu' })])).toMatchObject({
      bars: 0,
      words: 'Nothing of you goes out',
    });
  });
});
