import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFakeFfmpeg } from '../support/ffmpeg-fixtures.ts';

/** A program that stands in for FFmpeg and is none. */
export type Liar = {
  name: string;
  /** Writes it into the folder and gives its path; `realPath` is an FFmpeg that it may use. */
  make: (folder: string, realPath: string) => Promise<string>;
  /** Errors that a recording may end with on its account. */
  codes: readonly string[];
  /** Whether it goes on for ever when nobody ends it. */
  stays: boolean;
};

const failing = ['FFMPEG_FAILED', 'FFMPEG_STALLED', 'RESULT_INVALID'];

/** What most of them begin with: the way to the result, and the recording when it comes on the standard input. */
const asked = `
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const output = process.argv.at(-1).replace(/^file:/, '');
const isFed = process.argv.includes('pipe:0') && process.argv.includes('matroska');
const afterInput = (then) => isFed ? process.stdin.resume().on('end', then) : then();
`;

const node = (name: string, script: string, more: Partial<Omit<Liar, 'name' | 'make'>> = {}): Liar => ({
  name,
  make: (folder) => writeFakeFfmpeg(folder, 'ffmpeg', `${asked}\n${script}`),
  codes: failing,
  stays: false,
  ...more,
});

/** Does what it is asked with a real FFmpeg, and then something to the result. */
const spoiling = (name: string, spoil: string): Liar => ({
  name,
  make: (folder, realPath) =>
    writeFakeFfmpeg(
      folder,
      'ffmpeg',
      `${asked}
       const real = ${JSON.stringify(realPath)};
       spawnSync(real, process.argv.slice(2), { stdio: 'inherit' });
       const cutTo = (part) => fs.truncateSync(output, Math.floor(fs.statSync(output).size * part));
       const isMp4 = process.argv.includes('mp4');
       const again = (...args) => {
         spawnSync(real, ['-v', 'error', '-y', '-i', 'file:' + output, '-c', 'copy', ...args, 'file:' + output + '.2']);
         fs.renameSync(output + '.2', output);
       };
       ${spoil}`,
    ),
  codes: failing,
  stays: false,
});

/** Every kind, the quick ones first. */
export const liars: readonly Liar[] = [
  node('exits with 1 at once', 'process.exit(1)'),
  node('says all is well and writes nothing', 'afterInput(() => process.exit(0))'),
  node(
    'says all is well and writes garbage',
    `afterInput(() => fs.writeFileSync(output, require('node:crypto').randomBytes(50_000)))`,
  ),
  node(
    'starts a child that holds the pipes and ignores SIGTERM, and goes',
    `spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: 'inherit' }).unref();
     afterInput(() => process.exit(0));`,
  ),
  node(
    'dies in the middle of the live mix',
    `if (!isFed) process.exit(1);
     let taken = 0;
     process.stdin.on('data', (bytes) => { taken += bytes.length; if (taken > 20_000) process.kill(process.pid, 'SIGKILL'); });
     process.stdin.on('end', () => process.exit(1));`,
  ),
  spoiling('cuts off what it wrote', 'cutTo(0.6);'),
  spoiling(
    'puts the index first and cuts off what it wrote',
    `if (isMp4) again('-movflags', 'faststart', '-f', 'mp4'); cutTo(0.8);`,
  ),
  spoiling('leaves the picture out', `if (isMp4) again('-vn', '-f', 'mp4'); else cutTo(0);`),
  spoiling(
    'writes another kind of file',
    `if (isMp4) again('-f', 'matroska'); else fs.writeFileSync(output, 'GIF89a');`,
  ),
  node('writes messages without end', `spawnSync('/bin/sh', ['-c', 'exec yes nonsense >&2'], { stdio: 'inherit' })`, {
    stays: true,
  }),
  {
    name: 'is a text file that may not be executed',
    make: async (folder) => {
      const path = join(folder, 'ffmpeg');
      await writeFile(path, 'no program\n', { mode: 0o644 });
      return path;
    },
    codes: ['FFMPEG_MISSING'],
    stays: false,
  },
  {
    name: 'is executable text that no system can run',
    make: async (folder) => {
      const path = join(folder, 'ffmpeg');
      await writeFile(path, '\u0000\u0001no program\n');
      await chmod(path, 0o755);
      return path;
    },
    codes: ['FFMPEG_MISSING', 'FFMPEG_FAILED'],
    stays: false,
  },
  {
    name: 'was there when it was looked for and is gone',
    make: async (folder) => {
      const path = await writeFakeFfmpeg(folder, 'ffmpeg', '');
      await rm(path);
      return path;
    },
    codes: ['FFMPEG_MISSING'],
    stays: false,
  },
  node('hangs, reads nothing and ignores SIGTERM', `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`, {
    stays: true,
  }),
  node(
    'hangs together with a child of a child',
    `process.on('SIGTERM', () => {}); process.stdin.resume(); setInterval(() => {}, 1000);
     const inner = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);";
     const outer = inner + "require('node:child_process').spawn(process.execPath, ['-e', " + JSON.stringify(inner) + "], { stdio: 'inherit' })";
     spawn(process.execPath, ['-e', outer], { stdio: 'inherit' });`,
    { stays: true },
  ),
  node(
    'reports the same progress for ever',
    `setInterval(() => console.log('out_time=00:00:01.000000\\nprogress=continue'), 50);`,
    {
      stays: true,
    },
  ),
];
