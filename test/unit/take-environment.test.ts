import { afterEach, expect, it } from 'vitest';
import { childEnvironment } from '../../main/media/child-environment.ts';
import { takeEnvironment } from '../../main/shell/take-environment.ts';

afterEach(() => {
  delete process.env['RECORDING_STORAGE_CREDENTIALS'];
  delete process.env['AWS_SECRET_ACCESS_KEY'];
});

it('takes the secret variable out of the environment and keeps it for the app', () => {
  const environment = { PATH: '/bin', RECORDING_STORAGE_CREDENTIALS: 'hush', RECORDING_STORAGE_BUCKET: 'b' };
  expect(takeEnvironment(environment)).toEqual({
    PATH: '/bin',
    RECORDING_STORAGE_CREDENTIALS: 'hush',
    RECORDING_STORAGE_BUCKET: 'b',
  });
  expect(environment).toEqual({ PATH: '/bin', RECORDING_STORAGE_BUCKET: 'b' });
});

it('gives no program that is started what opens a bucket', () => {
  process.env['RECORDING_STORAGE_CREDENTIALS'] = 'hush';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'hush';
  expect(Object.values(childEnvironment())).not.toContain('hush');
  expect(childEnvironment()).toMatchObject({ PATH: process.env['PATH'] });
});
