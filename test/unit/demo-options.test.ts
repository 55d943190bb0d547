import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parseDemoOptions } from '../../scripts/demo/options.ts';

it('holds a call of two people for 15 seconds when nothing is said', () => {
  expect(parseDemoOptions([])).toEqual({
    people: 2,
    seconds: 15,
    format: 'mp4',
    out: null,
    videos: [],
    audios: [],
    keepProfiles: false,
  });
});

it('takes 0 seconds for recording until it is interrupted', () => {
  expect(parseDemoOptions(['--seconds', '0', '--keep-profiles'])).toMatchObject({ seconds: 0, keepProfiles: true });
});

it('refuses what is no number of people or seconds', () => {
  for (const seconds of ['-1', '1.5', 'x', '', '86401']) {
    expect(() => parseDemoOptions([`--seconds=${seconds}`])).toThrow('--seconds takes a whole number');
  }
  expect(() => parseDemoOptions(['--people', '0'])).toThrow('--people takes a whole number');
});

it('reopens a profile, given in either way, as an absolute path', () => {
  expect(parseDemoOptions(['--reopen', 'kept'])).toEqual({ reopen: resolve('kept') });
  expect(parseDemoOptions(['--reopen=/kept'])).toEqual({ reopen: '/kept' });
});

it('refuses to reopen nothing, or with options of another tour', () => {
  expect(() => parseDemoOptions(['--reopen='])).toThrow('folder of a profile');
  expect(() => parseDemoOptions(['--reopen', '/kept', '--people', '2'])).toThrow('no other option');
});
