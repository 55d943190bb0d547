import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What is on a screen. */
export type ScreenPicture = {
  /** How many different colours there are: few in a blank window. */
  colours: number;
  /** Where the green of Chromium's fake camera is; null when it is nowhere. */
  camera: { x: number; y: number; width: number; height: number } | null;
  /** Changes with the figure that turns in that picture, whatever lies beside it. */
  figure: string;
};

/** Takes a picture of the upper left corner of a display, keeps it as a PNG and says what is on it. */
export async function pictureOfScreen(
  display: string,
  { path, width, height }: { path: string; width: number; height: number },
): Promise<ScreenPicture> {
  const grab = ['-f', 'x11grab', '-video_size', `${width}x${height}`, '-i', `${display}+0,0`, '-frames:v', '1'];
  await run('ffmpeg', ['-v', 'error', '-y', ...grab, path]);
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], {
    encoding: 'buffer',
    maxBuffer: width * height * 3 + 1,
  });
  const colours = new Set<number>();
  const figure = createHash('sha256');
  let [left, right, top, bottom, area] = [width, 0, height, 0, 0];
  for (let at = 0; at < stdout.length; at += 3) {
    colours.add(stdout.readUIntBE(at, 3));
    const [red = 0, green = 0, blue = 0] = stdout.subarray(at, at + 3);
    // The ground is 0,135,0 and the figure 70,255,20, both before the losses of coding.
    if (green < 100 || red > 110 || blue > 80 || green - red < 80) continue;
    area += 1;
    const [x, y] = [(at / 3) % width, Math.floor(at / 3 / width)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    if (green > 190) figure.update(`${at} `);
  }
  return {
    colours: colours.size,
    camera: area < 500 ? null : { x: left, y: top, width: right - left, height: bottom - top },
    figure: figure.digest('hex'),
  };
}
