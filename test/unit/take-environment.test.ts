import { afterEach, expect, it } from 'vitest';
import { childEnvironment } from '../../main/media/child-environment.ts';
import { takeEnvironment } from '../../main/shell/take-environment.ts';

afterEach(() => {
  delete process.env['RECORDING_STORAGE_CREDENTIALS'];
  delete process.env['AWS_SECRET_ACCESS_KEY'];
  delete process.env['ICE_SERVERS'];
});

it('takes the secret variables out of the environment and keeps them for the app', () => {
  const environment = {
    PATH: '/bin',
    RECORDING_STORAGE_CREDENTIALS: 'hush',
    ICE_SERVERS: 'hush',
    RECORDING_STORAGE_BUCKET: 'b',
  };
  const before = { ...environment };
  expect(takeEnvironment(environment)).toEqual(before);
  expect(environment).toEqual({ PATH: '/bin', RECORDING_STORAGE_BUCKET: 'b' });
});

it('gives no program that is started what opens a bucket or a TURN server', () => {
  process.env['RECORDING_STORAGE_CREDENTIALS'] = 'hush';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'hush';
  process.env['ICE_SERVERS'] = 'hush';
  expect(Object.values(childEnvironment())).not.toContain('hush');
  expect(childEnvironment()).toMatchObject({ PATH: process.env['PATH'] });
});
