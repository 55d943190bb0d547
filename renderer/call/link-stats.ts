import { z } from 'zod';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { NOTHING_MEASURED, type LinkQuality } from '../../contract/quality.ts';

/** The few fields that we read of https://www.w3.org/TR/webrtc-stats/; browsers leave out what they do not know yet. */
const entrySchema = z.object({
  type: z.string(),
  id: z.string(),
  timestamp: z.number().optional(),
  kind: z.string().optional(),
  // inbound-rtp
  bytesReceived: z.number().optional(),
  packetsReceived: z.number().optional(),
  packetsLost: z.number().optional(),
  jitter: z.number().optional(),
  framesDecoded: z.number().optional(),
  framesDropped: z.number().optional(),
  frameWidth: z.number().optional(),
  frameHeight: z.number().optional(),
  // outbound-rtp
  bytesSent: z.number().optional(),
  framesEncoded: z.number().optional(),
  qualityLimitationReason: z.string().optional(),
  qualityLimitationDurations: z.record(z.string(), z.number()).optional(),
  // transport and candidate-pair
  selectedCandidatePairId: z.string().optional(),
  nominated: z.boolean().optional(),
  currentRoundTripTime: z.number().optional(),
});
type Entry = z.infer<typeof entrySchema>;

const LIMITATIONS = ['none', 'cpu', 'bandwidth', 'other'] as const;
type Limitation = (typeof LIMITATIONS)[number];

/** What a connection has counted since it began, at one look. */
export type LinkTotals = {
  atMs: number;
  received: { bytes: number; packets: number; lost: number } | null;
  jitterMs: number | null;
  roundTripMs: number | null;
  picture: { decoded: number; dropped: number; width: number | null; height: number | null } | null;
  sentBytes: number | null;
  sentPicture: { encoded: number; limitation: Limitation; heldBackS: Record<Limitation, number> | null } | null;
};

/** Reads a connection's statistics into the totals that two looks are compared by. */
export function readTotals(report: readonly unknown[]): LinkTotals {
  const entries = report.flatMap((value) => {
    const parsed = parseUntrusted(entrySchema, value);
    return parsed.success ? [parsed.data] : [];
  });
  const find = (type: string, kind: string) => entries.find((entry) => entry.type === type && entry.kind === kind);
  const audioIn = find('inbound-rtp', 'audio');
  const videoIn = find('inbound-rtp', 'video');
  const audioOut = find('outbound-rtp', 'audio');
  const videoOut = find('outbound-rtp', 'video');
  const inbound = [audioIn, videoIn].filter((entry) => entry !== undefined);
  const outbound = [audioOut, videoOut].filter((entry) => entry !== undefined);
  // The threshold of jitter is one of voice; a picture's packets come in bursts by their nature.
  const jitter = audioIn?.jitter ?? videoIn?.jitter;
  const roundTrip = pairOf(entries)?.currentRoundTripTime;
  return {
    atMs: Math.max(0, ...entries.map(({ timestamp }) => timestamp ?? 0)),
    received:
      inbound.length === 0
        ? null
        : {
            bytes: sum(inbound, 'bytesReceived'),
            packets: sum(inbound, 'packetsReceived'),
            lost: sum(inbound, 'packetsLost'),
          },
    jitterMs: jitter === undefined ? null : jitter * 1000,
    roundTripMs: roundTrip === undefined ? null : roundTrip * 1000,
    picture:
      videoIn === undefined
        ? null
        : {
            decoded: videoIn.framesDecoded ?? 0,
            dropped: videoIn.framesDropped ?? 0,
            width: videoIn.frameWidth ?? null,
            height: videoIn.frameHeight ?? null,
          },
    sentBytes: outbound.length === 0 ? null : sum(outbound, 'bytesSent'),
    sentPicture: videoOut === undefined ? null : sentPictureOf(videoOut),
  };
}

/** What the difference of two looks says; of a connection's first look only what needs no difference. */
export function compareLooks(before: LinkTotals | null, now: LinkTotals | null): Omit<LinkQuality, 'participantId'> {
  if (now === null) return NOTHING_MEASURED;
  const elapsedS = before === null ? 0 : (now.atMs - before.atMs) / 1000;
  const perSecond = (count: number): number | null => (elapsedS > 0 ? count / elapsedS : null);
  const grown = (after: number, earlier: number | undefined): number => Math.max(0, after - (earlier ?? 0));

  const arrived = grown(now.received?.packets ?? 0, before?.received?.packets);
  // Packets that come late after all are taken off the lost ones again, so the count may fall.
  const lost = grown(now.received?.lost ?? 0, before?.received?.lost);
  const framesPerSecond =
    now.picture === null ? null : perSecond(grown(now.picture.decoded, before?.picture?.decoded ?? 0));
  const isMoving = framesPerSecond === null ? (now.picture?.decoded ?? 0) > 0 : framesPerSecond > 0;
  return {
    packetLoss: arrived + lost === 0 ? null : lost / (arrived + lost),
    roundTripMs: now.roundTripMs,
    jitterMs: now.jitterMs,
    width: isMoving ? (now.picture?.width ?? null) : null,
    height: isMoving ? (now.picture?.height ?? null) : null,
    framesPerSecond,
    framesDropped: grown(now.picture?.dropped ?? 0, before?.picture?.dropped),
    receivedBitsPerSecond:
      now.received === null ? null : perSecond(grown(now.received.bytes, before?.received?.bytes) * 8),
    sentBitsPerSecond: now.sentBytes === null ? null : perSecond(grown(now.sentBytes, before?.sentBytes ?? 0) * 8),
    limitation: limitationBetween(before?.sentPicture ?? null, now.sentPicture),
  };
}

/** What held the picture back for most of the time; null when none was sent. The reason itself is only that of one instant. */
function limitationBetween(
  before: LinkTotals['sentPicture'],
  now: LinkTotals['sentPicture'],
): LinkQuality['limitation'] {
  if (now === null || now.encoded - (before?.encoded ?? 0) <= 0) return null;
  const { heldBackS } = now;
  if (heldBackS === null) return now.limitation;
  const grownS = (each: Limitation): number => heldBackS[each] - (before?.heldBackS?.[each] ?? 0);
  return LIMITATIONS.reduce((most, each) => (grownS(each) > grownS(most) ? each : most), now.limitation);
}

function sentPictureOf({ framesEncoded, qualityLimitationReason: reason, qualityLimitationDurations }: Entry) {
  return {
    encoded: framesEncoded ?? 0,
    limitation: LIMITATIONS.find((each) => each === reason) ?? ('none' as const),
    heldBackS:
      qualityLimitationDurations === undefined
        ? null
        : {
            none: qualityLimitationDurations['none'] ?? 0,
            cpu: qualityLimitationDurations['cpu'] ?? 0,
            bandwidth: qualityLimitationDurations['bandwidth'] ?? 0,
            other: qualityLimitationDurations['other'] ?? 0,
          },
  };
}

/** The pair of addresses that media goes over. */
function pairOf(entries: readonly Entry[]): Entry | undefined {
  const selected = entries.find((entry) => entry.selectedCandidatePairId !== undefined)?.selectedCandidatePairId;
  const pairs = entries.filter(({ type }) => type === 'candidate-pair');
  return pairs.find(({ id }) => id === selected) ?? pairs.find(({ nominated }) => nominated === true);
}

function sum(entries: readonly Entry[], field: 'bytesReceived' | 'packetsReceived' | 'packetsLost' | 'bytesSent') {
  return entries.reduce((total, entry) => total + (entry[field] ?? 0), 0);
}
