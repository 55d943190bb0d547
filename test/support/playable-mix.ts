import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { locateFfmpeg } from '../../main/media/ffmpeg-locate.ts';

/** A small MP4 of so many seconds that any window of the app can play. */
export async function makePlayableMix(seconds: number): Promise<Buffer> {
  const { path: ffmpeg } = await locateFfmpeg({ settingPath: null });
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-mix-'));
  try {
    const file = join(folder, 'mix.mp4');
    const picture = ['-f', 'lavfi', '-i', `testsrc=size=160x90:rate=10:duration=${seconds}`];
    const coding = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'];
    await promisify(execFile)(ffmpeg, ['-v', 'error', ...picture, ...coding, file]);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
