import { z } from 'zod';
import type { PersonStats } from './transport.ts';

/** The few fields that we read of https://www.w3.org/TR/webrtc-stats/; browsers leave out what they do not know yet. */
const entrySchema = z.object({
  type: z.string(),
  id: z.string(),
  kind: z.string().optional(),
  codecId: z.string().optional(),
  mimeType: z.string().optional(),
  bytesReceived: z.number().optional(),
  framesDecoded: z.number().optional(),
  packetsLost: z.number().optional(),
  nominated: z.boolean().optional(),
  currentRoundTripTime: z.number().optional(),
});

/** Reads a connection's statistics into what the app shows and tests. */
export function summariseStats(report: readonly unknown[]): Omit<PersonStats, 'participantId'> {
  const entries = report.flatMap((value) => {
    const parsed = entrySchema.safeParse(value);
    return parsed.success ? [parsed.data] : [];
  });
  const inbound = (kind: string) => entries.find((entry) => entry.type === 'inbound-rtp' && entry.kind === kind);
  const video = inbound('video');
  const audio = inbound('audio');
  const pair = entries.find((entry) => entry.type === 'candidate-pair' && entry.nominated === true);
  const codec = entries.find((entry) => entry.type === 'codec' && entry.id === video?.codecId);
  return {
    videoCodec: codec?.mimeType?.split('/')[1]?.toLowerCase() ?? null,
    roundTripMs: pair?.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1000,
    receivedVideoBytes: video?.bytesReceived ?? 0,
    receivedAudioBytes: audio?.bytesReceived ?? 0,
    framesDecoded: video?.framesDecoded ?? 0,
    packetsLost: (video?.packetsLost ?? 0) + (audio?.packetsLost ?? 0),
  };
}
