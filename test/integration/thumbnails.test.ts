import { execFile } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeMediaFiles } from '../../main/media/media-files.ts';
import { probeJpeg } from '../../main/media/probe.ts';
import { makeThumbnails } from '../../main/media/thumbnails.ts';
import type { ThumbnailsRequest } from '../../main/media/thumbnails.ts';
import {
  everyFfmpeg,
  isAlive,
  launcher,
  makeFixture,
  makeTestFolder,
  writeFakeFfmpeg,
} from '../support/ffmpeg-fixtures.ts';

const run = promisify(execFile);
const words = (text: string): string[] => text.split(' ');
const ffmpegs = await everyFfmpeg();
const maker = ffmpegs[0]?.path ?? '';
const folder = await makeTestFolder();
const { at } = folder;
afterAll(() => folder.remove());

const five = ['1.jpg', '2.jpg', '3.jpg', '4.jpg', '5.jpg'];

beforeAll(async () => {
  // One key frame at the start: the seek itself must find the right picture.
  const evenlyBrighter = "color=black:s=320x180:r=30:d=10,geq=lum='25.5*T':cb=128:cr=128";
  const h264 = words('-c:v libx264 -preset ultrafast -g 900 -pix_fmt yuv420p -f matroska');
  await run(maker, [...words('-v error -y -f lavfi -i'), evenlyBrighter, ...h264, `file:${at('brighter.mkv')}`]);
  await makeFixture(maker, at('short.mkv'), { seconds: 0.4 });
  await makeFixture(maker, at('upright.webm'), { seconds: 2, video: 'libvpx', size: '180x320' });
  await makeFixture(maker, at('sound.mkv'), { seconds: 2, video: null });
  await makeFixture(maker, at('picture 2 s.mkv'), { seconds: 2, sound: false });
  await makeFixture(maker, at('sound 10 s.mkv'), { seconds: 10, video: null });
  const sources = ['-i', `file:${at('picture 2 s.mkv')}`, '-i', `file:${at('sound 10 s.mkv')}`];
  const copied = [...words('-c copy -f matroska'), `file:${at('camera released.mkv')}`];
  await run(maker, ['-v', 'error', '-y', ...sources, ...copied]);
});

function request(ffmpegPath: string, source: string, directory: string): ThumbnailsRequest {
  return { ffmpeg: launcher(ffmpegPath), files: nodeMediaFiles, sourcePath: at(source), directory: at(directory) };
}

async function brightness(path: string): Promise<number> {
  const printLevels = words('-vf signalstats,metadata=mode=print:file=- -f null -');
  const { stdout } = await run(maker, ['-v', 'error', '-i', `file:${path}`, ...printLevels]);
  return Number(/YAVG=([\d.]+)/.exec(stdout)?.[1]);
}

describe.each(ffmpegs)('with FFmpeg $version', ({ path: ffmpegPath, version }) => {
  test('the five pictures show their own times, 640 px wide', async () => {
    const directory = `${version} 100%d`;
    const progress: number[] = [];
    const made = await makeThumbnails({
      ...request(ffmpegPath, 'brighter.mkv', directory),
      onProgress: (fraction) => progress.push(fraction),
    });
    expect(made).toEqual({
      kind: 'made',
      thumbnails: five.map((name, index) => ({ path: at(directory, name), atMs: 1000 + index * 2000 })),
    });
    expect((await readdir(at(directory))).toSorted()).toEqual(five);
    expect(progress).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
    for (const [index, name] of five.entries()) {
      expect(await probeJpeg(at(directory, name))).toMatchObject({ widthPx: 640, heightPx: 360 });
      // The picture brightens evenly over its ten seconds; video has black at 16 and white at 235, a JPEG at 0 and 255.
      const shown = ((25.5 * (1 + index * 2) - 16) * 255) / 219;
      expect(Math.abs((await brightness(at(directory, name))) - shown)).toBeLessThan(3);
    }
  });

  test('a take of less than a second still has five', async () => {
    const made = await makeThumbnails(request(ffmpegPath, 'short.mkv', `${version} short`));
    expect(made.kind).toBe('made');
    expect((await readdir(at(`${version} short`))).toSorted()).toEqual(five);
  });

  test('an upright picture keeps its shape', async () => {
    await makeThumbnails(request(ffmpegPath, 'upright.webm', `${version} upright`));
    const { widthPx, heightPx } = await probeJpeg(at(`${version} upright`, '1.jpg'));
    expect(widthPx).toBe(640);
    expect(Math.abs(heightPx - 1138)).toBeLessThanOrEqual(1);
  });

  test('sound alone is told apart and makes no folder', async () => {
    expect(await makeThumbnails(request(ffmpegPath, 'sound.mkv', `${version} sound`))).toEqual({ kind: 'noPicture' });
    expect(await nodeMediaFiles.sizeBytes(at(`${version} sound`))).toBeNull();
  });

  test('a picture that ends before the sound still gives five', async () => {
    const made = await makeThumbnails(request(ffmpegPath, 'camera released.mkv', `${version} released`));
    expect(made.kind).toBe('made');
    expect((await readdir(at(`${version} released`))).toSorted()).toEqual(five);
  });

  test('a file whose coded pictures are destroyed gives a typed error and no pictures', async () => {
    const bytes = await readFile(at('brighter.mkv'));
    bytes.fill(0, bytes.indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75])) + 20);
    await writeFile(at('destroyed.mkv'), bytes);
    await expect(makeThumbnails(request(ffmpegPath, 'destroyed.mkv', `${version} destroyed`))).rejects.toMatchObject({
      name: 'MediaError',
    });
    expect(await readdir(at(`${version} destroyed`)).catch(() => [])).toEqual([]);
  });
});

test('an abort stops both workers and leaves no temporary file', async () => {
  const fake = await writeFakeFfmpeg(
    folder.path,
    'hangs',
    `require('node:fs').appendFileSync(process.argv[1] + '.pids', process.pid + '\\n'); setInterval(() => {}, 1000);`,
  );
  const controller = new AbortController();
  const running = makeThumbnails({ ...request(fake, 'brighter.mkv', 'aborted'), signal: controller.signal });
  await expect.poll(async () => (await readFile(`${fake}.pids`, 'utf8').catch(() => '')).split('\n').length).toBe(3);
  controller.abort();
  await expect(running).rejects.toMatchObject({ code: 'FFMPEG_ABORTED' });
  const pids = (await readFile(`${fake}.pids`, 'utf8')).trim().split('\n').map(Number);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(await readdir(at('aborted'))).toEqual([]);
});

test('a program that writes something else than a JPEG is not believed', async () => {
  const fake = await writeFakeFfmpeg(
    folder.path,
    'lies',
    `require('node:fs').writeFileSync(process.argv.at(-1).slice('file:'.length), 'GIF89a')`,
  );
  await expect(makeThumbnails(request(fake, 'brighter.mkv', 'lies made'))).rejects.toMatchObject({
    code: 'RESULT_INVALID',
  });
  expect(await readdir(at('lies made'))).toEqual([]);
});

test('a file without a picture that can be shown is NO_PICTURE', async () => {
  // Makes nothing of a file, as FFmpeg does with one that holds no picture, but can make pictures.
  const fake = await writeFakeFfmpeg(
    folder.path,
    'finds none',
    `if (process.argv.includes('rawvideo'))
       require('node:child_process').spawnSync(${JSON.stringify(maker)}, process.argv.slice(2), { stdio: 'inherit' });`,
  );
  await expect(makeThumbnails(request(fake, 'brighter.mkv', 'none'))).rejects.toMatchObject({ code: 'NO_PICTURE' });
  expect(await readdir(at('none'))).toEqual([]);
});

test('a program that ends well and makes no picture of anything is not believed', async () => {
  const fake = await writeFakeFfmpeg(folder.path, 'empty', 'process.exit(0)');
  await expect(makeThumbnails(request(fake, 'brighter.mkv', 'nothing'))).rejects.toMatchObject({
    code: 'FFMPEG_FAILED',
    retryable: true,
  });
  expect(await readdir(at('nothing'))).toEqual([]);
});
