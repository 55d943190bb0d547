import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { createFfmpeg } from '../../main/media/ffmpeg.ts';
import type { Ffmpeg, FfmpegConfig } from '../../main/media/ffmpeg.ts';
import { locateFfmpeg } from '../../main/media/ffmpeg-locate.ts';
import { systemMediaClock } from '../../main/media/media-clock.ts';

const run = promisify(execFile);

export type TestFolder = {
  path: string;
  /** The path of something in it. */
  at: (...names: string[]) => string;
  /** What is in it whose name has this in it: a failed result must leave nothing, under any name. */
  named: (part: string) => Promise<string[]>;
  remove: () => Promise<void>;
};

/** A folder of its own for one test file; the name is as unfriendly to FFmpeg as a real one may be. */
export async function makeTestFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), "-tally 100%d: it's [a] "));
  return {
    path,
    at: (...names) => join(path, ...names),
    named: async (part) => (await readdir(path)).filter((entry) => entry.includes(part)),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/**
 * Every FFmpeg of this machine that the app could end up with: the packaged one, the one on PATH, and those that
 * TALLYLIGHT_TEST_FFMPEG names (absolute paths, separated as in PATH).
 */
export async function everyFfmpeg(): Promise<{ path: string; version: string }[]> {
  const more = (process.env['TALLYLIGHT_TEST_FFMPEG'] ?? '').split(delimiter).filter((path) => path !== '');
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'ffmpeg'));
  const found = [await locateFfmpeg({ settingPath: null })];
  for (const settingPath of [...onPath, ...more]) {
    const { path, version, source } = await locateFfmpeg({ settingPath });
    if (source === 'setting' && !found.some((known) => known.version === version)) {
      found.push({ path, version, source, refused: [] });
    }
  }
  return found;
}

/** The launcher for a binary, with the process's own clock. */
export function launcher(ffmpegPath: string, more: Partial<FfmpegConfig> = {}): Ffmpeg {
  return createFfmpeg({ ffmpegPath, clock: systemMediaClock, ...more });
}

export type FixtureOptions = {
  seconds: number;
  video?: 'libx264' | 'libvpx' | 'libvpx-vp9' | null;
  sound?: boolean;
  /** Where in each second the flash and the beep lie. */
  flashAtMs?: number;
  /** How much later than the flash the beep comes, as at a source whose sound is late. */
  beepLateMs?: number;
  soundStartsAtMs?: number;
  size?: string;
  keyFrameEvery?: number;
};

/** Makes a Matroska or WebM file with a white flash and a beep once a second. */
export async function makeFixture(ffmpegPath: string, path: string, options: FixtureOptions): Promise<void> {
  const { seconds, video = 'libx264', sound = true, flashAtMs = 500, beepLateMs = 0 } = options;
  const on = (atMs: number): string => `between(mod(t,1),${atMs / 1000},${atMs / 1000 + 0.099})`;
  const inputs: string[] = [];
  const outputs: string[] = [];
  if (video !== null) {
    const flash = `drawbox=c=white:t=fill:enable='${on(flashAtMs)}'`;
    inputs.push('-f', 'lavfi', '-i', `color=c=black:s=${options.size ?? '320x180'}:r=30:d=${seconds},${flash}`);
    outputs.push('-c:v', video, '-g', String(options.keyFrameEvery ?? 30), '-b:v', '500k', '-pix_fmt', 'yuv420p');
    outputs.push(
      ...(video === 'libx264' ? ['-preset', 'ultrafast', '-bf', '0'] : ['-deadline', 'realtime', '-cpu-used', '8']),
    );
  }
  if (sound) {
    const beep = `if(${on(flashAtMs + beepLateMs)},0.8*sin(2*PI*1000*t),0)`;
    const startsAtS = (options.soundStartsAtMs ?? 0) / 1000;
    inputs.push('-itsoffset', String(startsAtS));
    inputs.push('-f', 'lavfi', '-i', `aevalsrc=exprs='${beep}':s=48000:d=${seconds - startsAtS}`);
    outputs.push('-c:a', 'libopus', '-b:a', '64k');
  }
  await run(ffmpegPath, ['-v', 'error', '-y', ...inputs, ...outputs, '-f', 'matroska', `file:${path}`]);
}

/** When the flashes and the beeps of a file come, in milliseconds of the file's own time. */
export async function measureFlashesAndBeeps(
  ffmpegPath: string,
  path: string,
): Promise<{ flashesMs: number[]; beepsMs: number[] }> {
  const print = async (kind: '-vf' | '-af', filter: string): Promise<{ atMs: number; level: number }[]> => {
    const only = kind === '-vf' ? '-an' : '-vn';
    const { stdout } = await run(
      ffmpegPath,
      ['-v', 'error', '-copyts', '-i', `file:${path}`, only, kind, filter, '-f', 'null', '-'],
      { maxBuffer: 256 * 1024 * 1024 },
    );
    const rows: { atMs: number; level: number }[] = [];
    for (const block of stdout.split(/^frame:/m)) {
      const at = /pts_time:(-?[\d.]+)/.exec(block)?.[1];
      const level = /=(-?[\d.]+|-?inf)/.exec(block)?.[1];
      if (at !== undefined && level !== undefined) {
        rows.push({ atMs: Number(at) * 1000, level: level.endsWith('inf') ? -200 : Number(level) });
      }
    }
    return rows;
  };
  const rises = (rows: { atMs: number; level: number }[], limit: number): number[] => {
    const edges: number[] = [];
    let quietSinceMs = -Infinity;
    for (const { atMs, level } of rows) {
      if (level <= limit) continue;
      if (atMs - quietSinceMs > 300) edges.push(atMs);
      quietSinceMs = atMs;
    }
    return edges;
  };
  const pictures = await print('-vf', 'signalstats,metadata=mode=print:key=lavfi.signalstats.YAVG:file=-');
  // Millisecond slices: the peak of each says when the beep begins to 1 ms.
  const slices = await print(
    '-af',
    'asetnsamples=n=48,astats=metadata=1:reset=1,ametadata=mode=print:key=lavfi.astats.Overall.Peak_level:file=-',
  );
  return { flashesMs: rises(pictures, 128), beepsMs: rises(slices, -9) };
}

/** How much later than its flash each beep comes. */
export function beepLateness({ flashesMs, beepsMs }: { flashesMs: number[]; beepsMs: number[] }): number[] {
  return flashesMs.map((flash) =>
    beepsMs.reduce((best, beep) => (Math.abs(beep - flash) < Math.abs(best) ? beep - flash : best), Infinity),
  );
}

/** How far the sound of a made file lies from where it lay beside the picture of its source, for each flash. */
export async function soundShiftsMs(ffmpegPath: string, sourcePath: string, madePath: string): Promise<number[]> {
  const source = beepLateness(await measureFlashesAndBeeps(ffmpegPath, sourcePath));
  const made = beepLateness(await measureFlashesAndBeeps(ffmpegPath, madePath));
  return made.map((lateMs, index) => Math.abs(lateMs - (source[index] ?? Infinity)));
}

/** Writes an executable that behaves as the given JavaScript says; it stands in for FFmpeg as a real process. */
export async function writeFakeFfmpeg(folder: string, name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/usr/bin/env -S ${process.execPath}\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

/** Whether a process with this id is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
