import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linkQualitySchema } from '../../contract/quality.ts';
import { compareLooks, readTotals } from '../../renderer/call/link-stats.ts';

type Entry = Record<string, unknown>;

/** Two looks of Electron 42 at a connection over loopback, 8 s apart: H.264 of 640x360 at 30 pictures a second, Opus at 128 kbps. */
const looks = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/link-stats.json'), 'utf8')) as {
  before: Entry[];
  after: Entry[];
};

const before = readTotals(looks.before);
const after = readTotals(looks.after);

/** The second look with one kind of entry changed. */
const afterWith = (type: string, kind: string, change: (entry: Entry) => Entry) =>
  readTotals(looks.after.map((entry) => (entry['type'] === type && entry['kind'] === kind ? change(entry) : entry)));

describe('two looks at a real connection', () => {
  it('say what arrived and what was sent between them', () => {
    const quality = compareLooks(before, after);
    expect(linkQualitySchema.omit({ participantId: true }).parse(quality)).toEqual(quality);
    expect(quality).toMatchObject({
      packetLoss: 0,
      roundTripMs: 1,
      jitterMs: 10,
      width: 640,
      height: 360,
      framesDropped: 0,
      limitation: 'none',
    });
    expect(quality.framesPerSecond).toBeGreaterThan(27);
    expect(quality.framesPerSecond).toBeLessThan(31);
    // 128 kbps of sound and some 220 kbps of a simple picture.
    expect(quality.sentBitsPerSecond).toBeGreaterThan(300_000);
    expect(quality.sentBitsPerSecond).toBeLessThan(400_000);
    expect(quality.receivedBitsPerSecond).toBeGreaterThan(300_000);
    expect(quality.receivedBitsPerSecond).toBeLessThan(400_000);
  });

  it('that are the first and nothing say what needs no comparison, and no rate', () => {
    expect(compareLooks(null, after)).toMatchObject({
      packetLoss: 0,
      roundTripMs: 1,
      width: 640,
      framesPerSecond: null,
      receivedBitsPerSecond: null,
      sentBitsPerSecond: null,
      limitation: 'none',
    });
  });

  it('of which the second failed say nothing', () => {
    const quality = compareLooks(before, null);
    expect(linkQualitySchema.omit({ participantId: true }).parse(quality)).toEqual(quality);
    const { framesDropped, ...rest } = quality;
    expect(framesDropped).toBe(0);
    expect(Object.values(rest).every((value) => value === null)).toBe(true);
  });

  it('count what was lost between them, of sound and picture together', () => {
    const lossy = afterWith('inbound-rtp', 'video', (entry) => ({ ...entry, packetsLost: 50 }));
    const packets = (after.received?.packets ?? 0) - (before.received?.packets ?? 0);
    expect(compareLooks(before, lossy).packetLoss).toBeCloseTo(50 / (packets + 50), 6);
  });

  it('take packets that came after all for no loss, and a counter that began anew for nothing', () => {
    const regained = afterWith('inbound-rtp', 'video', (entry) => ({ ...entry, packetsLost: -3, bytesReceived: 0 }));
    const quality = compareLooks(before, regained);
    expect(quality.packetLoss).toBe(0);
    expect(quality.receivedBitsPerSecond).toBeGreaterThanOrEqual(0);
  });

  it('see a picture that stands still, and claim no size of it', () => {
    const still = afterWith('inbound-rtp', 'video', (entry) => ({
      ...entry,
      framesDecoded: before.picture?.decoded ?? 0,
    }));
    expect(compareLooks(before, still)).toMatchObject({ framesPerSecond: 0, width: null, height: null });
  });

  it('say that nothing arrives with no bits, and no share of loss of no packets', () => {
    const silent = { ...after, received: before.received };
    expect(compareLooks(before, silent)).toMatchObject({ receivedBitsPerSecond: 0, packetLoss: null });
  });

  it('count only the pictures that were dropped between them', () => {
    const first = { ...before, picture: { decoded: 10, dropped: 4, width: 640, height: 360 } };
    const second = { ...after, picture: { decoded: 99, dropped: 9, width: 640, height: 360 } };
    expect(compareLooks(first, second).framesDropped).toBe(5);
    expect(compareLooks(null, second).framesDropped).toBe(9);
  });

  it('name what held the picture back for most of the time, not what does at the instant', () => {
    const heldBack = afterWith('outbound-rtp', 'video', (entry) => ({
      ...entry,
      qualityLimitationReason: 'none',
      qualityLimitationDurations: { none: 2, cpu: 0.5, bandwidth: 6, other: 0 },
    }));
    expect(compareLooks(before, heldBack).limitation).toBe('bandwidth');
    const withoutTimes = afterWith('outbound-rtp', 'video', (entry) => ({
      ...entry,
      qualityLimitationReason: 'cpu',
      qualityLimitationDurations: undefined,
    }));
    expect(compareLooks(before, withoutTimes).limitation).toBe('cpu');
  });

  it('say of a camera that is off that nothing is held back', () => {
    const off = { ...after, sentPicture: before.sentPicture };
    expect(compareLooks(before, off).limitation).toBeNull();
  });
});

describe('a report that is not as expected', () => {
  it('without anything in it has nothing to say', () => {
    expect(compareLooks(null, readTotals([]))).toMatchObject({
      packetLoss: null,
      roundTripMs: null,
      receivedBitsPerSecond: null,
    });
  });

  it('is read as far as it is in form, entry by entry', () => {
    const odd = [null, 7, { type: 'inbound-rtp' }, { type: 'transport', id: 'T', timestamp: 'now' }, ...looks.after];
    expect(readTotals(odd)).toEqual(after);
  });

  it('takes the nominated pair where no transport names the chosen one', () => {
    const without = looks.after.filter((entry) => entry['type'] !== 'transport');
    expect(readTotals(without).roundTripMs).toBe(1);
  });
});
