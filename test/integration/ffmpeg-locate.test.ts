import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { FfmpegMissingError, locateFfmpeg, verifyCandidates } from '../../main/media/ffmpeg-locate.ts';
import { isAlive, makeTestFolder, writeFakeFfmpeg } from '../support/ffmpeg-fixtures.ts';

const folder = await makeTestFolder();
const { at } = folder;
afterAll(() => folder.remove());

test('this machine has an FFmpeg that can do what is needed', async () => {
  const found = await locateFfmpeg({ settingPath: null });
  expect(found.version).toMatch(/\S/);
  expect(found.refused.every(({ source }) => source === 'ffmpeg-static' || source === '@ffmpeg-installer/ffmpeg')).toBe(
    true,
  );
});

test('a bad path in the settings is passed over and told', async () => {
  const found = await locateFfmpeg({ settingPath: at('gone') });
  expect(found.source).not.toBe('setting');
  expect(found.refused[0]).toEqual({ source: 'setting', path: at('gone'), reason: 'there is no such file' });
});

test('every refusal is told when none is left', async () => {
  await writeFile(at('text'), 'hello', { mode: 0o644 });
  const other = await writeFakeFfmpeg(folder.path, 'other', `console.log('GNU bash, version 5.2')`);
  const poor = await writeFakeFfmpeg(
    folder.path,
    'poor',
    `console.log(process.argv.includes('-version') ? 'ffmpeg version 9.9 Copyright' : '')`,
  );
  const broken = await writeFakeFfmpeg(folder.path, 'broken', 'process.exit(4)');
  const candidates = [
    { source: 'setting', path: at('text'), reason: '' },
    { source: 'ffmpeg-static', path: null, reason: 'it is not installed' },
    { source: '@ffmpeg-installer/ffmpeg', path: other, reason: '' },
    { source: 'PATH', path: poor, reason: '' },
    { source: 'PATH', path: broken, reason: '' },
    { source: 'PATH', path: at('a/ffmpeg'), reason: '' },
    { source: 'PATH', path: at('b/ffmpeg'), reason: '' },
  ] as const;
  const error: unknown = await verifyCandidates(candidates).catch((thrown: unknown) => thrown);
  if (!(error instanceof FfmpegMissingError)) throw new Error('It found one.');
  expect(error.code).toBe('FFMPEG_MISSING');
  expect(error.refused.map(({ reason }) => reason.replace(/: Command failed.*/, ''))).toEqual([
    'it may not be executed',
    'it is not installed',
    'it is not FFmpeg',
    'it lacks the aac encoder, the mjpeg encoder, the matroska reader, the concat reader, the mp4 writer, ' +
      'the matroska writer, the webm writer, the mjpeg writer',
    'it does not run',
    'none of its 2 folders holds one',
  ]);
  expect(error.message).toContain(other);
});

test('a program that hangs when asked is killed and refused', async () => {
  const hangs = await writeFakeFfmpeg(
    folder.path,
    'hangs',
    `require('node:fs').writeFileSync(process.argv[1] + '.pid', String(process.pid)); setInterval(() => {}, 1000);`,
  );
  const error: unknown = await verifyCandidates([{ source: 'PATH', path: hangs, reason: '' }], 700).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(FfmpegMissingError);

  expect(isAlive(Number(await readFile(`${hangs}.pid`, 'utf8')))).toBe(false);
});
