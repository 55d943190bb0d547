import { describe, expect, it } from 'vitest';
import { summariseStats } from '../../renderer/call/link-stats.ts';

describe('the statistics of a link', () => {
  it('are read from the report of a connection', () => {
    const report = [
      { type: 'codec', id: 'c1', mimeType: 'video/H264' },
      {
        type: 'inbound-rtp',
        id: 'v',
        kind: 'video',
        codecId: 'c1',
        bytesReceived: 900,
        framesDecoded: 30,
        packetsLost: 2,
      },
      { type: 'inbound-rtp', id: 'a', kind: 'audio', bytesReceived: 100, packetsLost: 1 },
      { type: 'candidate-pair', id: 'p0', nominated: false, currentRoundTripTime: 9 },
      { type: 'candidate-pair', id: 'p1', nominated: true, currentRoundTripTime: 0.004 },
    ];
    expect(summariseStats(report)).toEqual({
      videoCodec: 'h264',
      roundTripMs: 4,
      receivedVideoBytes: 900,
      receivedAudioBytes: 100,
      framesDecoded: 30,
      packetsLost: 3,
    });
  });

  it('say that nothing is known of a link without a connection', () => {
    expect(summariseStats([])).toMatchObject({ videoCodec: null, roundTripMs: null, framesDecoded: 0 });
  });
});
