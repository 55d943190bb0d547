import { expect, test } from 'vitest';
import { capturePlanSchema } from '../../contract/recording.ts';
import { capturePlanFor, wantedContainer } from '../../main/recording/capture-plan.ts';

const settings = { videoBitsPerSecond: 2_500_000, audioBitsPerSecond: 96_000, recordMix: true };

test.each(['mp4', 'mkv'] as const)('%s asks for H.264 in Matroska first, then for what WebM holds', (format) => {
  const plan = capturePlanFor(format, settings);
  expect(plan.mixMimeTypes).toEqual([
    'video/x-matroska;codecs=avc1,opus',
    'video/webm;codecs=vp8,opus',
    'video/webm;codecs=vp9,opus',
  ]);
  expect(plan.cameraMimeTypes[0]).toBe('video/x-matroska;codecs=avc1');
  expect(wantedContainer(format)).toBe('mkv');
});

test('webm asks for nothing that WebM cannot hold', () => {
  const plan = capturePlanFor('webm', settings);
  expect([...plan.mixMimeTypes, ...plan.cameraMimeTypes, ...plan.soundMimeTypes].join()).not.toMatch(/avc1|matroska/);
  expect(wantedContainer('webm')).toBe('webm');
});

test('bitrates come from the settings and the plan fits the contract', () => {
  const plan = capturePlanFor('mp4', settings);
  expect(capturePlanSchema.parse(plan)).toMatchObject({
    ...settings,
    timesliceMs: 250,
    mixWidth: 1280,
    mixHeight: 720,
  });
});
