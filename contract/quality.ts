import { z } from 'zod';
import { participantIdSchema } from './ids.ts';

/** How often a window measures its connections, milliseconds. */
export const QUALITY_EVERY_MS = 5_000;

const amount = z.number().min(0).max(1e12);

/**
 * What a window measured on its way from and to one person since the last look (https://www.w3.org/TR/webrtc-stats/); null
 * where nothing was there to measure.
 */
export const linkQualitySchema = z.object({
  participantId: participantIdSchema,
  /** Share of the packets from this person that did not arrive, 0 to 1. */
  packetLoss: z.number().min(0).max(1).nullable(),
  roundTripMs: amount.nullable(),
  jitterMs: amount.nullable(),
  /** The picture as it arrives. */
  width: amount.nullable(),
  height: amount.nullable(),
  framesPerSecond: amount.nullable(),
  /** Pictures that arrived and were not shown. */
  framesDropped: amount,
  receivedBitsPerSecond: amount.nullable(),
  sentBitsPerSecond: amount.nullable(),
  /** What holds the picture back that goes to this person. */
  limitation: z.enum(['none', 'cpu', 'bandwidth', 'other']).nullable(),
});
export type LinkQuality = z.infer<typeof linkQualitySchema>;

/** Of a way that was not looked at. */
export const NOTHING_MEASURED: Omit<LinkQuality, 'participantId'> = {
  packetLoss: null,
  roundTripMs: null,
  jitterMs: null,
  width: null,
  height: null,
  framesPerSecond: null,
  framesDropped: 0,
  receivedBitsPerSecond: null,
  sentBitsPerSecond: null,
  limitation: null,
};

/** One look of a window at all of its connections. */
export const qualityReportSchema = z.object({ links: z.array(linkQualitySchema).max(64) });
export type QualityReport = z.infer<typeof qualityReportSchema>;

/** How the way to one person is, in bars (0: nothing arrives, 4: as good as can be) and in words that say why. */
export const participantQualitySchema = linkQualitySchema.extend({
  bars: z.int().min(0).max(4),
  words: z.string().max(200),
  /** Wall clock, milliseconds since 1970. */
  measuredAtMs: z.number(),
});
export type ParticipantQuality = z.infer<typeof participantQualitySchema>;
