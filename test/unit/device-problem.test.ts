import { describe, expect, it } from 'vitest';
import { cameraConstraints, microphoneConstraints } from '../../renderer/call/capture-constraints.ts';
import { deviceProblemOf } from '../../renderer/call/device-problem.ts';
import { levelOfSamples } from '../../renderer/call/level-meter.ts';

describe('a device that could not be opened', () => {
  it.each([
    ['NotFoundError', 'DEVICE_MISSING'],
    ['OverconstrainedError', 'DEVICE_MISSING'],
    ['NotReadableError', 'DEVICE_BUSY'],
    ['AbortError', 'DEVICE_BUSY'],
    ['NotAllowedError', 'DEVICE_BLOCKED'],
    ['SecurityError', 'DEVICE_BLOCKED'],
  ])('by %s is %s', (name, problem) => {
    expect(deviceProblemOf(new DOMException('x', name))).toBe(problem);
  });
});

describe('what is asked of devices', () => {
  it('is a smaller picture on a small machine', () => {
    expect(cameraConstraints('', 2)).toMatchObject({ width: { ideal: 640 }, height: { ideal: 360 } });
    expect(cameraConstraints('', 5)).toMatchObject({ width: { ideal: 1280 }, height: { ideal: 720 } });
  });

  it('is the chosen device when it is there, and a voice without echo', () => {
    expect(cameraConstraints('cam', 8)).toMatchObject({ deviceId: { ideal: 'cam' } });
    expect(cameraConstraints('', 8)).not.toHaveProperty('deviceId');
    expect(microphoneConstraints('')).toMatchObject({ echoCancellation: true, noiseSuppression: true });
  });
});

describe('the level meter', () => {
  it('shows silence as 0, full scale as 1 and speech well above half', () => {
    expect(levelOfSamples(new Float32Array(100))).toBe(0);
    expect(levelOfSamples(Float32Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : -1)))).toBe(1);
    expect(levelOfSamples(Float32Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 0.15 : -0.15)))).toBeGreaterThan(
      0.4,
    );
    expect(levelOfSamples([])).toBe(0);
  });
});
