import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lane } from '../../contract/recording.ts';
import { locateFfmpeg } from '../../main/media/ffmpeg-locate.ts';
import { LOOKS, PERIOD_MS, writeCamera, writeMicrophone, type PersonLook } from './av-source.ts';
import { runFfmpeg, type Region } from './av-measure.ts';
import { endlessLane, makeEndlessLane } from './endless-lane.ts';

/** How much a chunk of a writer's lane holds. */
export const CHUNK_MS = 250;

/** How long a frame of a writer's lane lasts: the n-th of them is over n times as long after its lane began. */
export const FRAME_MS = { audio: 20, video: 1000 / 30 } as const;

/** One recorder of a writer process; the frames of its chunks are numbered by their times. */
export type WriterLane = {
  participantName: string;
  lane: Lane;
  /** Null behind the end of a lane that has one. */
  chunk: (index: number) => Uint8Array | null;
};

const WRITER_LANES = [
  { participantName: '', lane: 'av', file: 'mix', codec: 'libx264' },
  { participantName: 'Ada', lane: 'audio', file: 'ada-sound', codec: 'libx264' },
  { participantName: 'Ada', lane: 'video', file: 'ada-picture', codec: 'libx264' },
  { participantName: 'Ben', lane: 'audio', file: 'ben-sound', codec: 'libvpx' },
  { participantName: 'Ben', lane: 'video', file: 'ben-picture', codec: 'libvpx' },
] as const;

/** Makes what a writer's recorders give out, once for all writers. */
export async function makeWriterLanes(folder: string): Promise<void> {
  const { path } = await locateFfmpeg({ settingPath: null });
  await mkdir(folder, { recursive: true });
  for (const { lane, file, codec } of WRITER_LANES) {
    const picture = { widthPx: 320, heightPx: 180, videoBitsPerSecond: 500_000 };
    await makeEndlessLane(path, folder, file, { ...picture, tracks: lane, codec });
  }
}

/** The lanes that makeWriterLanes left in a folder. */
export async function loadWriterLanes(folder: string): Promise<WriterLane[]> {
  return Promise.all(
    WRITER_LANES.map(async ({ participantName, lane, file }) => {
      const media = endlessLane(new Uint8Array(await readFile(join(folder, `${file}.mkv`))));
      return { participantName, lane, chunk: media.chunk };
    }),
  );
}

/** Fake cameras and microphones of some people: a frame counter burnt into the picture, and a beep that tells the time. */
export type CountedDevices = { looks: PersonLook[]; videos: string[]; audios: string[] };

/** Chromium plays a device file again and again: a whole number of periods, and the flashes and beeps never shift. */
const LOOP_SECONDS = 10;

/** Writes the device files of the first people of av-source.ts. */
export async function makeCountedDevices(folder: string, people: number): Promise<CountedDevices> {
  await mkdir(folder, { recursive: true });
  const looks = LOOKS.slice(0, people);
  const videos: string[] = [];
  const audios: string[] = [];
  for (const [index, look] of looks.entries()) {
    const camera = join(folder, `camera-${index}.y4m`);
    const microphone = join(folder, `microphone-${index}.wav`);
    await writeCamera(camera, look, LOOP_SECONDS);
    await writeMicrophone(microphone, look, LOOP_SECONDS);
    videos.push(camera);
    audios.push(microphone);
  }
  return { looks, videos, audios };
}

/** Where av-source.ts draws the counter, in parts of the picture: 16 blocks, the lowest bit first. */
const COUNTER: Region = { x: 64 / 640, y: 320 / 360, width: 512 / 640, height: 24 / 360 };
const COUNTER_BITS = 16;

/** Reads the counter out of every picture of a file, or of the part of its pictures in which a camera is shown. */
export async function frameCounters(
  path: string,
  camera: Region = { x: 0, y: 0, width: 1, height: 1 },
): Promise<{ atMs: number; count: number }[]> {
  const at = (part: number, from: number, size: number): number => from + part * size;
  const crop = [
    `iw*${camera.width * COUNTER.width}`,
    `ih*${camera.height * COUNTER.height}`,
    `iw*${at(COUNTER.x, camera.x, camera.width)}`,
    `ih*${at(COUNTER.y, camera.y, camera.height)}`,
  ];
  const filter = `crop=${crop.join(':')},scale=${COUNTER_BITS}:1:flags=area,format=gray,showinfo`;
  const output = ['-an', '-vf', filter, '-vsync', 'passthrough', '-f', 'rawvideo', '-'];
  const { stdout, stderr } = await runFfmpeg(['-copyts', '-i', path, ...output]);
  const times = [...stderr.matchAll(/pts_time:\s*(-?[\d.]+)/g)].map((match) => Number(match[1]) * 1000);
  return times.flatMap((atMs, index) => {
    const pixels = stdout.subarray(index * COUNTER_BITS, (index + 1) * COUNTER_BITS);
    if (pixels.length < COUNTER_BITS) return [];
    return [{ atMs, count: pixels.reduce((sum, level, bit) => sum + (level > 128 ? 2 ** bit : 0), 0) }];
  });
}

/** How long after its flash a counted frame was shown, milliseconds. */
export function sinceFlashMs(count: number): number {
  return (count * (1000 / 30)) % PERIOD_MS;
}
