import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Decodes a file from a time on; what FFmpeg complains of is in the answer. */
export async function decodeComplaints(path: string, fromMs = 0): Promise<string> {
  // The input's own time base: else FFmpeg rounds times to the frame rate it guesses and complains of its own rounding.
  const { stderr } = await run('ffmpeg', [
    '-v',
    'warning',
    ...(fromMs > 0 ? ['-ss', String(fromMs / 1000)] : []),
    '-i',
    `file:${path}`,
    '-enc_time_base',
    '-1',
    '-f',
    'null',
    '-',
  ]);
  return stderr;
}

/** Times of all packets of a stream, in milliseconds of the file's own time. */
export async function packetTimesMs(path: string, stream: 'a' | 'v'): Promise<number[]> {
  const { stdout } = await run(
    'ffprobe',
    ['-v', 'error', '-select_streams', stream, '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', path],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout
    .split('\n')
    .map((line) => Number.parseFloat(line) * 1000)
    .filter((ms) => !Number.isNaN(ms));
}

/** The chapters of a file as ffprobe reads them. */
export async function chaptersIn(path: string): Promise<{ atMs: number; name: string }[]> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_chapters', '-of', 'json', `file:${path}`]);
  const { chapters } = JSON.parse(stdout) as { chapters: { start_time: string; tags?: { title?: string } }[] };
  return chapters.map(({ start_time, tags }) => ({
    atMs: Math.round(Number(start_time) * 1000),
    name: tags?.title ?? '',
  }));
}

/** The longest time between two packets. */
export function largestGapMs(times: readonly number[]): number {
  return times.reduce((gap, ms, index) => Math.max(gap, index === 0 ? 0 : ms - (times[index - 1] ?? ms)), 0);
}

/** Hash of every file below a folder, by path. */
export async function hashTree(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    hashes[path.slice(folder.length)] = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  }
  return hashes;
}
