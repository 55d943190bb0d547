import { expect, test } from 'vitest';
import {
  ffmpegCandidates,
  missingAbilities,
  parseFfmpegVersion,
  unpackedPath,
} from '../../main/media/ffmpeg-locate.ts';
import type { LocateInput } from '../../main/media/ffmpeg-locate.ts';

const input: LocateInput = {
  settingPath: '/opt/ff/ffmpeg',
  staticPath: { path: '/app/node_modules/ffmpeg-static/ffmpeg' },
  installerPath: { path: '/app/node_modules/@ffmpeg-installer/linux-x64/ffmpeg' },
  searchPath: '/usr/local/bin:/usr/bin:/usr/bin',
  platform: 'linux',
};

test('the setting is tried first, then the packages, then the folders of PATH once each', () => {
  expect(ffmpegCandidates(input).map(({ source, path }) => [source, path])).toEqual([
    ['setting', '/opt/ff/ffmpeg'],
    ['ffmpeg-static', '/app/node_modules/ffmpeg-static/ffmpeg'],
    ['@ffmpeg-installer/ffmpeg', '/app/node_modules/@ffmpeg-installer/linux-x64/ffmpeg'],
    ['PATH', '/usr/local/bin/ffmpeg'],
    ['PATH', '/usr/bin/ffmpeg'],
  ]);
});

test('a relative setting is refused and relative folders of PATH are never searched', () => {
  const candidates = ffmpegCandidates({ ...input, settingPath: 'ffmpeg', searchPath: '.:bin::/usr/bin' });
  expect(candidates[0]).toEqual({ source: 'setting', path: null, reason: 'the path in the settings is not absolute' });
  expect(candidates.filter(({ source }) => source === 'PATH').map(({ path }) => path)).toEqual(['/usr/bin/ffmpeg']);
});

test('an absent package is a refusal with its reason, and no setting is no candidate', () => {
  const candidates = ffmpegCandidates({
    ...input,
    settingPath: null,
    staticPath: { path: null, reason: 'it is not installed' },
  });
  expect(candidates[0]).toEqual({ source: 'ffmpeg-static', path: null, reason: 'it is not installed' });
});

test('a program inside the app archive is looked for beside it', () => {
  expect(unpackedPath('/opt/Tallylight/resources/app.asar/node_modules/ffmpeg-static/ffmpeg')).toBe(
    '/opt/Tallylight/resources/app.asar.unpacked/node_modules/ffmpeg-static/ffmpeg',
  );
  expect(unpackedPath('C:\\T\\resources\\app.asar\\n\\ffmpeg.exe')).toBe(
    'C:\\T\\resources\\app.asar.unpacked\\n\\ffmpeg.exe',
  );
  expect(unpackedPath('/opt/app.asar.unpacked/ffmpeg')).toBe('/opt/app.asar.unpacked/ffmpeg');
});

test('the version is read from what builds of several years print', () => {
  expect(
    parseFfmpegVersion('ffmpeg version N-47683-g0e8eb07980-static https://johnvansickle.com/ffmpeg/  Copyright (c)'),
  ).toBe('N-47683-g0e8eb07980-static');
  expect(parseFfmpegVersion('ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers')).toBe(
    '5.1.9-0+deb12u1',
  );
  expect(parseFfmpegVersion('ffmpeg version 7.1 Copyright (c)')).toBe('7.1');
  expect(parseFfmpegVersion('GNU bash, version 5.2')).toBeNull();
});

const encoders = ` V..... = Video
 ------
 VFS... mjpeg                MJPEG (Motion JPEG)
 A..... aac                  AAC (Advanced Audio Coding)
`;
// The third column is FFmpeg 7's.
const formatsOf7 = `Formats:
 D.. = Demuxing supported
 .E. = Muxing supported
 ..d = Is a device
 ---
 D d alsa            ALSA audio input
 D   concat          Virtual concatenation script
 D   matroska,webm   Matroska / WebM
  E  matroska        Matroska
  E  mjpeg           raw MJPEG video
  E  mp4             MP4 (MPEG-4 Part 14)
  E  webm            WebM
`;
const formatsOf5 = `File formats:
 D. = Demuxing supported
 .E = Muxing supported
 --
 D  concat          Virtual concatenation script
  E matroska        Matroska
 D  matroska,webm   Matroska / WebM
 DE mjpeg           raw MJPEG video
  E mp4             MP4 (MPEG-4 Part 14)
  E webm            WebM
`;

test('the lists of FFmpeg 5 and 7 are both understood', () => {
  expect(missingAbilities(encoders, formatsOf7)).toEqual([]);
  expect(missingAbilities(encoders, formatsOf5)).toEqual([]);
});

test('what is missing is named', () => {
  expect(missingAbilities('', formatsOf5)).toEqual(['the aac encoder', 'the mjpeg encoder']);
  expect(missingAbilities(encoders, ' DE mov,mp4 \n  E matroska x\n')).toEqual([
    'the matroska reader',
    'the concat reader',
    'the webm writer',
    'the mjpeg writer',
  ]);
});
