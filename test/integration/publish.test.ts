import { copyFile, mkdir, readFile, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportMp4, mp4Expectation } from '../../main/media/export-mp4.ts';
import { joinSegments } from '../../main/media/join-segments.ts';
import { nodeMediaFiles } from '../../main/media/media-files.ts';
import { publishResult, sweepPartials, temporaryPathFor } from '../../main/media/publish.ts';
import { everyFfmpeg, launcher, makeFixture, makeTestFolder } from '../support/ffmpeg-fixtures.ts';

const folder = await makeTestFolder();
const at = (...names: string[]): string => join(folder.path, ...names);
const files = nodeMediaFiles;
afterAll(() => folder.remove());

beforeAll(async () => {
  const maker = (await everyFfmpeg())[0]?.path ?? '';
  const ffmpeg = launcher(maker);
  await makeFixture(maker, at('source.mkv'), { seconds: 2 });
  const sources = [{ path: at('source.mkv'), offsetMs: 0 }];
  await exportMp4({ ffmpeg, files, sources, outputPath: at('good.mp4') });
  await joinSegments({ ffmpeg, files, sources, container: 'matroska', outputPath: at('good.mkv') });
  // Index first, as other programs write it: cut off, it still says everything.
  await ffmpeg.run({
    args: [
      '-i',
      `file:${at('good.mp4')}`,
      '-c',
      'copy',
      '-movflags',
      'faststart',
      '-f',
      'mp4',
      `file:${at('front.mp4')}`,
    ],
    input: { kind: 'none' },
  });
});

const mkvExpectation = { ...mp4Expectation(['video', 'audio'], 2000), container: 'matroska' as const };

test.each([
  ['good.mp4', mp4Expectation(['video', 'audio'], 2000)],
  ['front.mp4', mp4Expectation(['video', 'audio'], 2000)],
  ['good.mkv', mkvExpectation],
])('%s is kept whole and refused when its last byte is missing, or when more follows', async (name, expectation) => {
  const damaged = ['cut', 'longer'];
  for (const damage of ['none', ...damaged]) {
    const tempPath = temporaryPathFor(at(`${damage} ${name}`));
    await copyFile(at(name), tempPath);
    const bytes = await readFile(tempPath);
    if (damage === 'cut') await truncate(tempPath, bytes.byteLength - 1);
    if (damage === 'longer') await writeFile(tempPath, Buffer.concat([bytes, Buffer.alloc(3)]));
    const published = publishResult(tempPath, at(`${damage} ${name}`), expectation, files);
    if (damage === 'none') await published;
    else await expect(published).rejects.toMatchObject({ code: 'RESULT_INVALID', retryable: true });
    expect(await files.sizeBytes(tempPath)).toBeNull();
    expect(await files.sizeBytes(at(`${damage} ${name}`))).toBe(damage === 'none' ? bytes.byteLength : null);
  }
});

test('a result that is garbage may be made again', async () => {
  const tempPath = temporaryPathFor(at('garbage.mp4'));
  await writeFile(tempPath, 'no file of any kind '.repeat(1000));
  await expect(
    publishResult(tempPath, at('garbage.mp4'), mp4Expectation(['video'], null), files),
  ).rejects.toMatchObject({ code: 'RESULT_INVALID', retryable: true, details: { file: 'garbage.mp4' } });
});

test('two runs for one result never share a temporary name', () => {
  expect(temporaryPathFor(at('mix.mp4'))).not.toBe(temporaryPathFor(at('mix.mp4')));
});

test('sweeping removes the rests of earlier runs and nothing else', async () => {
  await mkdir(at('sweep', '.folder.partial'), { recursive: true });
  const rest = temporaryPathFor(at('sweep', 'mix.mp4'));
  const kept = ['mix.mp4', 'mix.partial', '.hidden', '.mix.mp4.partial.bak'];
  for (const name of kept) await writeFile(at('sweep', name), 'kept');
  // The name of the version before, too.
  for (const path of [rest, at('sweep', '.mix.mp4.partial')]) await writeFile(path, 'rest');
  await symlink(at('good.mp4'), at('sweep', '.link.partial'));
  expect(await sweepPartials(at('sweep'), files)).toBe(2);
  expect((await readdir(at('sweep'))).toSorted()).toEqual(['.folder.partial', '.link.partial', ...kept].toSorted());
  expect(await sweepPartials(at('no such folder'), files)).toBe(0);
});

test('a file that cannot be removed does not keep the others', async () => {
  for (const name of ['.a.partial', '.b.partial']) await writeFile(at(name), 'rest');
  const remove = (path: string): Promise<void> =>
    path.endsWith('.a.partial') ? Promise.reject(new Error('EPERM')) : files.remove(path);
  expect(await sweepPartials(folder.path, { ...files, remove })).toBe(1);
});
