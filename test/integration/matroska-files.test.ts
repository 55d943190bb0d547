import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { locateFfmpeg } from '../../main/media/ffmpeg-locate.ts';
import { scanSegmentFile } from '../../main/media/matroska/file-scan.ts';
import {
  applyPlan,
  blocksOf,
  loadLane,
  memoryReader,
  parseAll,
  seededRandom,
  writeSegment,
  type LaneName,
  type WrittenSegment,
} from '../support/lanes.ts';

const run = promisify(execFile);

const segments: Record<string, WrittenSegment> = {
  'sound.webm': writeSegment('webm', [{ lane: 'audio', name: 'audio-opus.webm', offsetMs: 0, startMs: 0 }]),
  'person.webm': writeSegment('webm', [
    { lane: 'audio', name: 'audio-opus.webm', offsetMs: 0, startMs: 0 },
    { lane: 'video', name: 'video-vp8.webm', offsetMs: 37, startMs: 20 },
  ]),
  'person-late-picture.webm': writeSegment('webm', [
    { lane: 'audio', name: 'audio-opus.webm', offsetMs: 0, startMs: 0 },
    { lane: 'video', name: 'video-vp8.webm', offsetMs: 0, startMs: 900 },
  ]),
  'person-camera-later.mkv': writeSegment('matroska', [
    { lane: 'audio', name: 'audio-opus.webm', offsetMs: 0, startMs: 0 },
    { lane: 'video', name: 'video-h264.mkv', offsetMs: 1500, startMs: 1500 },
  ]),
  'mix.webm': writeSegment('webm', [{ lane: 'av', name: 'mix-vp8.webm', offsetMs: 0, startMs: 0 }]),
  'mix.mkv': writeSegment('matroska', [{ lane: 'av', name: 'mix-h264.mkv', offsetMs: 0, startMs: 0 }]),
  'received.mkv': writeSegment('matroska', [
    { lane: 'video', name: 'received-h264-resized.mkv', offsetMs: 0, startMs: 0 },
  ]),
};
const names = Object.keys(segments);

let folder = '';
let ffmpeg = '';
beforeAll(async () => {
  ffmpeg = (await locateFfmpeg({ settingPath: null })).path;
  folder = await mkdtemp(path.join(tmpdir(), 'matroska-files-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function save(name: string, bytes: Uint8Array): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
}

function segment(name: string): WrittenSegment {
  const found = segments[name];
  if (found === undefined) throw new Error(name);
  return found;
}

async function decodeComplaints(file: string): Promise<string> {
  // Time base as in the file: FFmpeg's guess, one tick a frame, lets two frames of an uneven camera fall on one tick and blames the file.
  const { stderr } = await run(ffmpeg, ['-v', 'error', '-i', file, '-enc_time_base', '-1', '-f', 'null', '-']);
  return stderr;
}

async function printedDurationMs(file: string): Promise<number> {
  const { stderr } = await run(ffmpeg, ['-i', file, '-c', 'copy', '-t', '0.1', '-f', 'null', '-']);
  const [, hours, minutes, seconds] = /Duration: (\d+):(\d+):([\d.]+)/.exec(stderr) ?? [];
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
}

async function streamInto(pieces: readonly Uint8Array[], args: readonly string[]): Promise<string> {
  const child = spawn(ffmpeg, ['-v', 'error', '-y', '-f', 'matroska', '-i', 'pipe:0', ...args]);
  let complaints = '';
  child.stderr.on('data', (part: Buffer) => {
    complaints += part.toString();
  });
  const closed = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  for (const piece of pieces) child.stdin.write(piece);
  child.stdin.end();
  const code = await closed;
  return code === 0 ? complaints : `${complaints} (exit ${code})`;
}

/** The times of every packet of one stream (FFmpeg itself rewrites H.264 packets when it copies them into Matroska). */
async function packetTimes(file: string, stream: string): Promise<string[]> {
  const { stdout } = await run(ffmpeg, [
    '-v',
    'error',
    '-i',
    file,
    '-map',
    stream,
    '-c',
    'copy',
    '-f',
    'framecrc',
    '-',
  ]);
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(',').slice(1, 3).join());
}

describe('finished segment files', () => {
  test.each(names)('%s decodes without a complaint', async (name) => {
    expect(await decodeComplaints(await save(name, segment(name).finished))).toBe('');
  });

  test.each(names)('%s has the duration that the writer tells, for FFmpeg and for mediabunny', async (name) => {
    const { finished, plan } = segment(name);
    const file = await save(name, finished);
    expect(Math.abs((await printedDurationMs(file)) - plan.durationMs)).toBeLessThanOrEqual(10);
    using input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
    expect(Math.abs((await input.computeDuration()) * 1000 - plan.durationMs)).toBeLessThanOrEqual(200);
    const tracks = await input.getTracks();
    const withSound = name !== 'received.mkv';
    const withPicture = name !== 'sound.webm';
    expect(tracks.map((track) => track.type)).toEqual([
      ...(withSound ? ['audio'] : []),
      ...(withPicture ? ['video'] : []),
    ]);
  });

  test.each(names.filter((name) => name !== 'sound.webm'))(
    '%s gives a picture at the place it is told',
    async (name) => {
      const { finished } = segment(name);
      const file = await save(name, finished);
      const picture = path.join(folder, `${name}.jpg`);
      await run(ffmpeg, ['-v', 'error', '-y', '-ss', '2', '-i', file, '-frames:v', '1', picture]);
      expect((await readFile(picture)).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    },
  );

  test('an unfinished file, as a crash leaves it, decodes as well', async () => {
    for (const name of names) {
      expect(await decodeComplaints(await save(`unfinished-${name}`, segment(name).unfinished))).toBe('');
    }
  });

  test('a file cut anywhere decodes without a complaint after its recovery and is as long as the recovery says', async () => {
    const random = seededRandom(5);
    for (const name of names) {
      for (let round = 0; round < 3; round += 1) {
        const { unfinished } = segment(name);
        const content = unfinished.slice(0, Math.floor(6000 + random() * (unfinished.length - 6000)));
        const result = await scanSegmentFile(memoryReader(content));
        if (result.kind !== 'unfinished') throw new Error(result.kind);
        const file = await save(`cut-${round}-${name}`, applyPlan(content, result.plan));
        expect(await decodeComplaints(file)).toBe('');
        expect(Math.abs((await printedDurationMs(file)) - result.plan.durationMs)).toBeLessThanOrEqual(10);
      }
    }
  });
});

/** Hashes of all decoded pictures, and whatever FFmpeg complained of. */
async function pictureHashes(
  file: string,
  readOptions: readonly string[] = [],
): Promise<{ readonly hashes: string[]; readonly complaints: string }> {
  const args = [
    '-v',
    'error',
    ...readOptions,
    '-i',
    file,
    '-map',
    '0:v:0',
    '-vsync',
    'passthrough',
    '-f',
    'framemd5',
    '-',
  ];
  const { stdout, stderr } = await run(ffmpeg, args);
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return { hashes: lines.map((line) => line.split(',').at(-1)?.trim() ?? ''), complaints: stderr };
}

const H264_FILES: readonly (readonly [string, LaneName])[] = [
  ['person-camera-later.mkv', 'video-h264.mkv'],
  ['mix.mkv', 'mix-h264.mkv'],
  ['received.mkv', 'received-h264-resized.mkv'],
];

describe('H.264 in Matroska', () => {
  test.each(H264_FILES)('%s has codec data and frames with lengths, as the codec mapping asks for', async (name) => {
    const file = await save(name, segment(name).finished);
    using input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
    const track = await input.getPrimaryVideoTrack();
    if (track === null) throw new Error('no picture');
    const description = (await track.getDecoderConfig())?.description;
    if (!(description instanceof Uint8Array)) throw new Error('no codec data');
    // Version, then profile, flags and level as in the SPS that follows; lengths of four bytes.
    expect(description[0]).toBe(1);
    expect(description.subarray(1, 4)).toEqual(description.subarray(9, 12));
    expect(description[4]).toBe(0xff);
    let packets = 0;
    for await (const { data } of new EncodedPacketSink(track).packets()) {
      const view = new DataView(data.buffer, data.byteOffset, data.length);
      let at = 0;
      while (at < data.length) at += 4 + view.getUint32(at);
      expect(at).toBe(data.length);
      packets += 1;
    }
    expect(packets).toBeGreaterThan(30);
  });

  test.each(H264_FILES)(
    '%s shows the very pictures of its recorder, and so does an MP4 copied from it',
    async (name, lane) => {
      const { bytes } = loadLane(lane);
      const recorded = await pictureHashes(await save(`recorder-${lane}`, bytes));
      const file = await save(name, segment(name).finished);
      expect(await pictureHashes(file)).toEqual({ hashes: recorded.hashes, complaints: '' });
      const copy = path.join(folder, `${name}.mp4`);
      await run(ffmpeg, ['-v', 'error', '-y', '-i', file, '-map', '0:v:0', '-c', 'copy', copy]);
      // FFmpeg of 2018 rounds the edit list of an MP4 down, so that its last picture would lie behind the end.
      const copied = await pictureHashes(copy, ['-ignore_editlist', '1']);
      expect(copied).toEqual({ hashes: recorded.hashes, complaints: '' });
      const video = parseAll([bytes]).flatMap((item) =>
        item.kind === 'header' ? item.header.tracks.filter((track) => track.type === 'video') : [],
      );
      const frames = blocksOf(parseAll([bytes])).filter((block) => block.trackNumber === video[0]?.number);
      expect(recorded.hashes).toHaveLength(frames.length);
    },
  );

  test('a file that goes on in another picture size shows both sizes', async () => {
    const file = await save('received.mkv', segment('received.mkv').finished);
    const { stderr } = await run(ffmpeg, ['-i', file, '-vf', 'showinfo', '-f', 'null', '-']);
    const sizes = [...stderr.matchAll(/ s:(\d+x\d+) /g)].map(([, size]) => size);
    expect(new Set(sizes)).toEqual(new Set(['160x120', '80x60']));
  });
});

describe('live feed', () => {
  test.each(['mix.webm', 'mix.mkv'])(
    '%s streams into FFmpeg as it is appended, every frame copied with its time',
    async (name) => {
      const { appended, finished } = segment(name);
      const reference = await save(`reference-${name}`, finished);
      const copy = path.join(folder, `live-${name}.mkv`);
      expect(await streamInto(appended, ['-map', '0', '-c', 'copy', copy])).toBe('');
      for (const stream of ['0:a:0', '0:v:0']) {
        expect(await packetTimes(copy, stream)).toEqual(await packetTimes(reference, stream));
      }
    },
  );

  test('the H.264 mix becomes an MP4 with its picture copied', async () => {
    const file = path.join(folder, 'live.mp4');
    const args = ['-c:v', 'copy', '-c:a', 'aac', '-movflags', '+faststart', file];
    expect(await streamInto(segment('mix.mkv').appended, args)).toBe('');
    expect(await decodeComplaints(file)).toBe('');
    expect(Math.abs((await printedDurationMs(file)) - segment('mix.mkv').plan.durationMs)).toBeLessThan(150);
  });
});
