import { expect, it } from 'vitest';
import { isAppAddress, pathOfAppAddress } from '../../main/shell/app-address.ts';
import { mayUse } from '../../main/shell/permissions.ts';

const foreign = [
  'https://ui/index.html',
  'tallylight-app://evil/index.html',
  'tallylight-app://ui:80/index.html',
  'tallylight-app://ana@ui/index.html',
  'tallylight-app://ui.evil/',
  'tallylight-media://ui/',
  'file:///etc/passwd',
  'ui',
  '',
  'null',
];

it.each(foreign)('%s is not an address of the app', (address) => {
  expect(isAppAddress(address)).toBe(false);
  expect(pathOfAppAddress(address)).toBeNull();
  expect(mayUse('media', address)).toBe(false);
});

it('names files below the pages folder', () => {
  expect(pathOfAppAddress('tallylight-app://ui/index.html')).toBe('index.html');
  expect(pathOfAppAddress('tallylight-app://ui/assets/index-Ab_1.js?x=1#y')).toBe('assets/index-Ab_1.js');
});

it.each([
  '/',
  '/..%2f..%2fpackage.json',
  '/%2e%2e/%2e%2e/etc/passwd/%00',
  '/a%5c..%5cb',
  '/a/%2e%2e%2fb',
  '/assets/..%2f..%2fmain%2fentry.js',
  '/%E0%A4%A',
  '/with space',
])('the path %s leads nowhere', (path) => {
  expect(pathOfAppAddress(`tallylight-app://ui${path}`)).toBeNull();
});

it('lets the page use camera, microphone and loudspeaker, and nothing else', () => {
  const page = 'tallylight-app://ui/';
  expect(['media', 'speaker-selection'].filter((name) => mayUse(name, page))).toHaveLength(2);
  const others = [
    'geolocation',
    'notifications',
    'midi',
    'display-capture',
    'openExternal',
    'fileSystem',
    'hid',
    'usb',
  ];
  expect(others.filter((name) => mayUse(name, page))).toEqual([]);
});
