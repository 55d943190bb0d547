import { expect, test } from 'vitest';
import { containerFor } from '../../main/media/matroska/container-choice.ts';

test.each([
  [['V_VP8', 'A_OPUS'], 'webm', 'webm'],
  [['V_AV1', 'A_VORBIS'], 'webm', 'webm'],
  [['V_VP9', 'A_OPUS'], 'matroska', 'matroska'],
  [[], 'webm', 'webm'],
] as const)('codecs %j fit into the wanted %s', (codecIds, wanted, container) => {
  expect(containerFor(codecIds, wanted)).toEqual({ container, reason: null });
});

test('H.264 wanted in WebM becomes Matroska and says why', () => {
  expect(containerFor(['A_OPUS', 'V_MPEG4/ISO/AVC'], 'webm')).toEqual({
    container: 'matroska',
    reason: 'WebM cannot hold V_MPEG4/ISO/AVC',
  });
});
