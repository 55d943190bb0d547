import { describe, expect, it } from 'vitest';
import { preferVideoCodec } from '../../renderer/call/preferred-codec.ts';

const sdp = [
  'v=0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 0',
  'a=rtpmap:111 opus/48000/2',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104 107',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:97 rtx/90000',
  'a=rtpmap:103 H264/90000',
  'a=rtpmap:104 rtx/90000',
  'a=rtpmap:107 H264/90000',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  '',
].join('\r\n');

describe('the preferred video codec', () => {
  it('comes first in the list of formats, the others keep their order', () => {
    expect(preferVideoCodec(sdp, 'h264')).toContain('\r\nm=video 9 UDP/TLS/RTP/SAVPF 103 107 96 97 104\r\n');
  });

  it('changes nothing but that one line', () => {
    const changed = preferVideoCodec(sdp, 'h264').split('\r\n');
    expect(sdp.split('\r\n').filter((line, index) => line !== changed[index])).toEqual([
      'm=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104 107',
    ]);
  });

  it('that is not offered leaves the description as it is', () => {
    expect(preferVideoCodec(sdp, 'vp9')).toBe(sdp);
  });

  it('is found in every video section', () => {
    const two = sdp + sdp.slice(sdp.indexOf('m=video'));
    expect(preferVideoCodec(two, 'h264').match(/SAVPF 103 107 96/g)).toHaveLength(2);
  });
});
