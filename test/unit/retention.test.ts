import { expect, test } from 'vitest';
import { NO_CLOUD } from '../../contract/cloud.ts';
import { recordingStatusSchema } from '../../contract/recording.ts';
import { cleanUpRefusal, deletionRefusal } from '../../main/recording/retention.ts';

test('only what has ended may be deleted, and clean-up also leaves what failed', () => {
  const answers = recordingStatusSchema.options.map((status) => {
    const recording = { status, cloud: NO_CLOUD };
    return [status, deletionRefusal(recording) === null, cleanUpRefusal(recording) === null];
  });
  expect(answers).toEqual([
    ['recording', false, false],
    ['paused', false, false],
    ['stopping', false, false],
    ['processing', false, false],
    ['completed', true, true],
    ['failed', true, false],
    ['interrupted', false, false],
  ]);
});

test('nothing on its way to the cloud is deleted, and nothing unverified is cleaned up', () => {
  const answers = (['none', 'queued', 'uploading', 'verified', 'failed'] as const).map((state) => {
    const recording = { status: 'completed' as const, cloud: { ...NO_CLOUD, state } };
    return [state, deletionRefusal(recording) === null, cleanUpRefusal(recording) === null];
  });
  expect(answers).toEqual([
    ['none', true, true],
    ['queued', false, false],
    ['uploading', false, false],
    ['verified', true, true],
    ['failed', true, false],
  ]);
});
