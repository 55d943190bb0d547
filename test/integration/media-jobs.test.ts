import { mkdir, readFile, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AppError } from '../../contract/errors.ts';
import { createFfmpegInUse } from '../../main/media/ffmpeg-in-use.ts';
import { nodeMediaFiles } from '../../main/media/media-files.ts';
import type { ProcessIdentity } from '../../main/media/processes.ts';
import { systemProcesses } from '../../main/media/system-processes.ts';
import { createMediaJobs } from '../../main/recording/media-jobs.ts';
import { everyFfmpeg, launcher, makeFixture, makeTestFolder, writeFakeFfmpeg } from '../support/ffmpeg-fixtures.ts';
import { decodeComplaints } from '../support/media-report.ts';

const folder = await makeTestFolder();
const at = (...names: string[]): string => join(folder.path, ...names);
const real = (await everyFfmpeg())[0]?.path ?? '';
const files = nodeMediaFiles;
afterAll(() => folder.remove());
beforeAll(() => makeFixture(real, at('mix.mkv'), { seconds: 6 }));

const sources = [{ path: at('mix.mkv'), offsetMs: 0 }];
const quiet = { signal: new AbortController().signal, onProgress: () => undefined };

test('what an earlier run still writes for the same result spoils nothing, and is no result', async () => {
  const output = at('both', 'mix.mp4');
  await mkdir(at('both'));
  const bytes = await readFile(at('mix.mkv'));
  const { promise: orphan, resolve } = Promise.withResolvers<ProcessIdentity>();
  const jobs = createMediaJobs({ ffmpeg: async () => launcher(real), files, retryAfterMs: 0 });
  const earlier = jobs.startLiveMix({ outputPath: output, onAbandoned: () => undefined, onProcess: resolve });
  for (let at = 0; at < bytes.byteLength * 0.8; at += 10_000) earlier.write(bytes.subarray(at, at + 10_000));
  const identity = await orphan;
  await expect.poll(() => readdir(at('both')), { timeout: 20_000 }).toHaveLength(1);

  const made = await jobs.exportMp4(sources, output, quiet);
  expect(made.durationMs).toBeGreaterThan(5_900);
  expect(await decodeComplaints(output)).toBe('');
  expect(await systemProcesses.identityOf(identity.pid)).toEqual(identity);
  expect(await jobs.endOrphans([identity, { ...identity, pid: 2 ** 31 }])).toEqual({ ended: 1, alive: 0 });
  await earlier.abort();
  expect(await readdir(at('both'))).toEqual(['mix.mp4']);
});

test('a job that fails once is done at the second try, and tells of every program', async () => {
  const fake = await writeFakeFfmpeg(
    folder.path,
    'fails once',
    `const { existsSync, writeFileSync } = require('node:fs');
     const mark = process.argv[1] + '.tried';
     if (!existsSync(mark)) { writeFileSync(mark, ''); setTimeout(() => process.exit(1), 300); }
     else require('node:child_process').spawnSync(${JSON.stringify(real)}, process.argv.slice(2), { stdio: 'inherit' });`,
  );
  const told: ProcessIdentity[] = [];
  const jobs = createMediaJobs({ ffmpeg: async () => launcher(fake), files, retryAfterMs: 0 });
  const made = await jobs.exportMp4(sources, at('second', 'mix.mp4'), {
    ...quiet,
    onProcess: (identity) => told.push(identity),
  });
  expect(made.durationMs).toBeGreaterThan(5_900);
  expect(told).toHaveLength(2);
});

test('a result that comes to nothing where no room is left failed for that, whatever the program says', async () => {
  const fake = await writeFakeFfmpeg(folder.path, 'ends well with nothing', 'process.exit(0);');
  let freeBytes = 255 * 1024;
  const nearlyFull = { ...files, freeBytes: async () => freeBytes };
  const jobs = createMediaJobs({ ffmpeg: async () => launcher(fake), files: nearlyFull, retryAfterMs: 0 });
  await expect(jobs.exportMp4(sources, at('nothing.mp4'), quiet)).rejects.toMatchObject({
    code: 'DISK_FULL',
    retryable: true,
  });
  freeBytes = 256 * 1024;
  await expect(jobs.exportMp4(sources, at('nothing.mp4'), quiet)).rejects.not.toMatchObject({ code: 'DISK_FULL' });
});

test('a disk that is full is called that, and is not tried twice', async () => {
  const fake = await writeFakeFfmpeg(
    folder.path,
    'full',
    `require('node:fs').appendFileSync(process.argv[1] + '.tried', 'x');
     console.error('av_interleaved_write_frame(): No space left on device'); console.error('Conversion failed!'); process.exit(1);`,
  );
  const jobs = createMediaJobs({ ffmpeg: async () => launcher(fake), files, retryAfterMs: 0 });
  await expect(jobs.exportMp4(sources, at('full.mp4'), quiet)).rejects.toMatchObject({
    code: 'DISK_FULL',
    retryable: true,
  });
  expect(await readFile(`${fake}.tried`, 'utf8')).toBe('x');
});

test('an MP4 that grows beside a recording is given up, once, when it is fed for long and does not grow', async () => {
  const fake = await writeFakeFfmpeg(
    folder.path,
    'stands',
    `process.stdin.resume(); setInterval(() => console.log('out_time=00:00:01.000000\\nprogress=continue'), 20);`,
  );
  const errors: AppError[] = [];
  const jobs = createMediaJobs({ ffmpeg: async () => launcher(fake), files, liveMix: { fedStallMs: 400 } });
  const mix = jobs.startLiveMix({ outputPath: at('fed.mp4'), onAbandoned: (error) => errors.push(error) });
  await expect
    .poll(
      () => {
        mix.write(new Uint8Array(100));
        return errors.length;
      },
      { timeout: 20_000, interval: 50 },
    )
    .toBe(1);
  expect(errors[0]).toMatchObject({ code: 'FFMPEG_STALLED', retryable: true });
  expect(await mix.finish({ kinds: ['video'], durationMs: 1000, signal: quiet.signal })).toBeNull();
  expect(errors).toHaveLength(1);
});

test('an FFmpeg that disappeared is looked for anew, and the next one does the work', async () => {
  const chosen = await writeFakeFfmpeg(
    folder.path,
    'chosen',
    `const { status } = require('node:child_process').spawnSync(${JSON.stringify(real)}, process.argv.slice(2), { stdio: 'inherit' });
     process.exit(status);`,
  );
  const inUse = createFfmpegInUse({ chosenPath: () => chosen, log: () => undefined });
  expect(await inUse.describe()).toMatchObject({ kind: 'found', path: chosen });
  await rename(chosen, `${chosen}.away`);
  const jobs = createMediaJobs({ ffmpeg: () => inUse.ffmpeg(), files, retryAfterMs: 0 });
  await jobs.exportMp4(sources, at('gone.mp4'), quiet);
  expect(await inUse.describe()).toMatchObject({ kind: 'found', source: expect.not.stringMatching(/setting/) });
  await rename(`${chosen}.away`, chosen);
});
