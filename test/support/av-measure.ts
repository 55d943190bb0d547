import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Part of a picture, in fractions of its width and height. */
export type Region = { x: number; y: number; width: number; height: number };
export const WHOLE_PICTURE: Region = { x: 0, y: 0, width: 1, height: 1 };

const SAMPLE_WIDTH = 16;
const SAMPLE_HEIGHT = 9;
const SAMPLE_RATE = 16_000;
/** Resolution of the sound measurement. */
const WINDOW_MS = 5;

/** Runs FFmpeg to its end; what it wrote and what it said. */
export async function runFfmpeg(args: string[]): Promise<{ stdout: Buffer; stderr: string }> {
  const child = spawn('ffmpeg', ['-hide_banner', '-nostdin', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
  const [code] = (await once(child, 'close')) as [number | null];
  const stderr = Buffer.concat(err).toString();
  if (code !== 0) throw new Error(`ffmpeg ${args.join(' ')} ended with ${code}:\n${stderr.slice(-2000)}`);
  return { stdout: Buffer.concat(out), stderr };
}

/**
 * Complaints of a full decode; empty means the file is whole. The time base of the input is kept: FFmpeg would otherwise
 * round the times of live frames to its guess of a steady frame rate, and complain of its own rounding.
 */
export async function decodeComplaints(path: string): Promise<string> {
  const { stderr } = await runFfmpeg(['-v', 'error', '-i', path, '-enc_time_base', '-1', '-f', 'null', '-']);
  return stderr.trim().slice(0, 500);
}

/** Time of every decoded frame in a region and its mean brightness 0..255. */
export async function frameBrightness(
  path: string,
  region: Region = WHOLE_PICTURE,
): Promise<{ atMs: number; level: number }[]> {
  const crop = `crop=iw*${region.width}:ih*${region.height}:iw*${region.x}:ih*${region.y}`;
  const filter = `${crop},scale=${SAMPLE_WIDTH}:${SAMPLE_HEIGHT}:flags=area,format=gray,showinfo`;
  const { stdout, stderr } = await runFfmpeg([
    '-copyts',
    '-i',
    path,
    '-an',
    '-vf',
    filter,
    '-vsync',
    'passthrough',
    '-f',
    'rawvideo',
    '-',
  ]);
  const times = [...stderr.matchAll(/pts_time:\s*(-?[\d.]+)/g)].map((match) => Number(match[1]) * 1000);
  const size = SAMPLE_WIDTH * SAMPLE_HEIGHT;
  return times.flatMap((atMs, index) => {
    const pixels = stdout.subarray(index * size, (index + 1) * size);
    return pixels.length < size ? [] : [{ atMs, level: pixels.reduce((sum, value) => sum + value, 0) / size }];
  });
}

/** Instants at which a series rises over the middle between its low and its high. */
export function risingEdges(series: { atMs: number; level: number }[], minimumGapMs = 500): number[] {
  const levels = series.map(({ level }) => level).toSorted((a, b) => a - b);
  const low = levels[Math.floor(levels.length * 0.3)] ?? 0;
  const high = levels[Math.floor(levels.length * 0.985)] ?? 0;
  const middle = (low + high) / 2;
  const edges: number[] = [];
  let above = true;
  for (const { atMs, level } of series) {
    if (level > middle && !above && atMs - (edges.at(-1) ?? -Infinity) >= minimumGapMs) edges.push(atMs);
    above = level > middle;
  }
  return edges;
}

/** Strength of one pitch over a window of samples (Goertzel). */
export function pitchLevel(
  samples: Float32Array,
  from: number,
  count: number,
  pitchHz: number,
  sampleRate: number,
): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * pitchHz) / sampleRate);
  let previous = 0;
  let beforePrevious = 0;
  for (let index = from; index < from + count; index += 1) {
    const current = (samples[index] ?? 0) + coefficient * previous - beforePrevious;
    beforePrevious = previous;
    previous = current;
  }
  return Math.sqrt(Math.max(0, previous ** 2 + beforePrevious ** 2 - coefficient * previous * beforePrevious)) / count;
}

/** The sound of a file as mono samples with silence where the file has gaps, starting at the file's time 0. */
export async function decodeSound(path: string): Promise<{ samples: Float32Array; sampleRate: number }> {
  const { stdout } = await runFfmpeg([
    '-copyts',
    '-i',
    path,
    '-vn',
    '-af',
    'aresample=async=1:min_hard_comp=0.02:first_pts=0',
    '-ac',
    '1',
    '-ar',
    String(SAMPLE_RATE),
    '-f',
    'f32le',
    '-',
  ]);
  const aligned = new Uint8Array(stdout.length - (stdout.length % 4));
  aligned.set(stdout.subarray(0, aligned.length));
  return { samples: new Float32Array(aligned.buffer), sampleRate: SAMPLE_RATE };
}

/** Level of one pitch over time, one value per 5 ms. */
export function pitchSeries(
  sound: { samples: Float32Array; sampleRate: number },
  pitchHz: number,
): { atMs: number; level: number }[] {
  const count = (sound.sampleRate * WINDOW_MS) / 1000;
  const series: { atMs: number; level: number }[] = [];
  for (let from = 0; from + count <= sound.samples.length; from += count) {
    series.push({
      atMs: (from * 1000) / sound.sampleRate,
      level: pitchLevel(sound.samples, from, count, pitchHz, sound.sampleRate),
    });
  }
  return series;
}

/** Times of the packets of one kind, from the container (no decoding), milliseconds. */
export async function packetTimes(path: string, kind: 'v' | 'a'): Promise<{ atMs: number; durationMs: number }[]> {
  const child = spawn('ffprobe', [
    '-v',
    'error',
    '-select_streams',
    kind,
    '-show_entries',
    'packet=pts_time,duration_time',
    '-of',
    'csv=p=0',
    path,
  ]);
  const out: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
  await once(child, 'close');
  return Buffer.concat(out)
    .toString()
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [at, duration] = line.split(',');
      return { atMs: Number(at) * 1000, durationMs: Number(duration) * 1000 || 0 };
    })
    .toSorted((a, b) => a.atMs - b.atMs);
}

/** Largest distance between neighbours, milliseconds. */
export function largestGap(times: { atMs: number }[]): number {
  return times.slice(1).reduce((largest, { atMs }, index) => Math.max(largest, atMs - (times[index]?.atMs ?? atMs)), 0);
}

/** Each event's signed distance to the nearest reference event, milliseconds. */
export function distances(events: number[], references: number[]): number[] {
  return events.map((event) =>
    references.reduce(
      (best, reference) => (Math.abs(event - reference) < Math.abs(best) ? event - reference : best),
      Infinity,
    ),
  );
}

/** Middle value of a list; NaN for an empty one. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length === 0
    ? Number.NaN
    : ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}
