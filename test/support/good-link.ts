import type { LinkQuality } from '../../contract/quality.ts';

/** A way on which nothing is amiss, and what of it is otherwise. */
export function goodLink(
  participantId: LinkQuality['participantId'],
  otherwise: Partial<LinkQuality> = {},
): LinkQuality {
  return {
    participantId,
    packetLoss: 0,
    roundTripMs: 20,
    jitterMs: 5,
    width: 640,
    height: 360,
    framesPerSecond: 30,
    framesDropped: 0,
    receivedBitsPerSecond: 400_000,
    sentBitsPerSecond: 400_000,
    limitation: 'none',
    ...otherwise,
  };
}
