import { describe, expect, it } from 'vitest';
import { capturePlanFor } from '../../main/recording/capture-plan.ts';
import { recorderOptions } from '../../renderer/capture/recorder-options.ts';

const plan = capturePlanFor('mp4', { videoBitsPerSecond: 2_000_000, audioBitsPerSecond: 128_000, recordMix: true });

describe('the options of a recorder', () => {
  it('ask for nothing when the picture was received, so that its frames pass through', () => {
    expect(recorderOptions('receivedPicture', plan, () => true)).toEqual({});
  });

  it('take the first type of the plan that the browser can record', () => {
    expect(recorderOptions('ownPicture', plan, () => true).mimeType).toBe(plan.cameraMimeTypes[0]);
    expect(recorderOptions('mix', plan, (type) => type.includes('vp8')).mimeType).toBe('video/webm;codecs=vp8,opus');
  });

  it('leave the type to the browser when it can record none of them', () => {
    expect(recorderOptions('mix', plan, () => false)).toEqual({
      videoBitsPerSecond: 2_000_000,
      audioBitsPerSecond: 128_000,
    });
  });
});
