import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { callIdSchema, participantIdSchema } from '../../contract/ids.ts';
import type { FileFormat, Lane, Recording, RecordingEvent } from '../../contract/recording.ts';
import { createLibrary } from '../../main/library/library.ts';
import type { Ffmpeg } from '../../main/media/ffmpeg.ts';
import { locateFfmpeg } from '../../main/media/ffmpeg-locate.ts';
import { nodeMediaFiles } from '../../main/media/media-files.ts';
import { createMediaJobs } from '../../main/recording/media-jobs.ts';
import { nodeIds, nodeScheduler } from '../../main/recording/node-clock.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import { createRecordings } from '../../main/recording/recording-service.ts';
import type { Recordings } from '../../main/recording/recording-service.ts';
import { makeEndlessLane } from '../support/endless-lane.ts';
import type { EndlessLane } from '../support/endless-lane.ts';
import { launcher } from '../support/ffmpeg-fixtures.ts';
import { decodeComplaints } from '../support/media-report.ts';

const run = promisify(execFile);
const CHUNK_MS = 250;
/** Chunks of a lane that may wait for their acks: what a window's credits allow. */
const UNACKED_STEPS = 16;
/** FFmpeg encodes the sound of an hour in about a minute: the feed waits for it, as real time would. */
const MAX_FFMPEG_QUEUE_BYTES = 4 * 1024 * 1024;

export type FinishBenchOptions = { minutes: number; repeats: number; format: FileFormat };

type Source = {
  participantName: string;
  source: 'mix' | 'camera';
  lanes: readonly { lane: Lane; media: EndlessLane }[];
};
type RunFigures = {
  sizeBytes: number;
  chunks: number;
  playableMs: number;
  completedMs: number;
  cpMs: number;
  remuxMs: number;
  rssBytes: { tenPercent: number; end: number; worst: number };
};

/** Measures Stop to playable and to completed of a long recording, beside `cp` and a remux of the same bytes. */
export async function benchFinish(options: FinishBenchOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-bench-'));
  try {
    const { path: ffmpegPath, version } = await locateFfmpeg({ settingPath: null });
    const sources = await makeSources(ffmpegPath, folder, options.format);
    const runs: RunFigures[] = [];
    for (let index = 0; index < options.repeats; index += 1) {
      process.stderr.write(`run ${index + 1} of ${options.repeats}: ${options.minutes} minutes, ${options.format}\n`);
      runs.push(await oneRun(ffmpegPath, join(folder, `run-${index}`), sources, options));
    }
    const report = {
      bench: 'finish',
      ...options,
      ffmpegVersion: version,
      tracks: sources.length,
      sizeBytes: runs[0]?.sizeBytes ?? 0,
      chunks: runs[0]?.chunks ?? 0,
      stopToPlayableMs: summary(runs.map((each) => each.playableMs)),
      stopToCompletedMs: summary(runs.map((each) => each.completedMs)),
      cpMs: summary(runs.map((each) => each.cpMs)),
      ffmpegCopyMs: summary(runs.map((each) => each.remuxMs)),
      maxRssBytes: Math.max(...runs.map((each) => each.rssBytes.worst)),
      rssBytes: runs.map((each) => each.rssBytes),
    };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function summary(values: number[]): { median: number; worst: number; all: number[] } {
  const sorted = values.map(Math.round).sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1] ?? 0, worst: sorted.at(-1) ?? 0, all: values.map(Math.round) };
}

async function makeSources(ffmpegPath: string, folder: string, format: FileFormat): Promise<Source[]> {
  const codec = format === 'webm' ? ('libvpx' as const) : ('libx264' as const);
  const small = { widthPx: 640, heightPx: 360, videoBitsPerSecond: 450_000, codec };
  const large = { widthPx: 1280, heightPx: 720, videoBitsPerSecond: 1_250_000, codec };
  const mix = await makeEndlessLane(ffmpegPath, folder, 'mix', { ...large, tracks: 'av' });
  const video = await makeEndlessLane(ffmpegPath, folder, 'video', { ...small, tracks: 'video' });
  const audio = await makeEndlessLane(ffmpegPath, folder, 'audio', { ...small, tracks: 'audio' });
  const person = [
    { lane: 'audio' as const, media: audio },
    { lane: 'video' as const, media: video },
  ];
  return [
    { participantName: '', source: 'mix', lanes: [{ lane: 'av', media: mix }] },
    { participantName: 'Ada', source: 'camera', lanes: person },
    { participantName: 'Ben', source: 'camera', lanes: person },
  ];
}

/** The launcher, and how much of the mix waits for its FFmpeg. */
function watchedFfmpeg(ffmpegPath: string): { ffmpeg: Ffmpeg; queuedBytes: () => number } {
  const ffmpeg = launcher(ffmpegPath);
  let stdin: { readonly writableLength: number } | null = null;
  return {
    ffmpeg: {
      run: ffmpeg.run,
      start: (spec, options) => {
        const started = ffmpeg.start(spec, options);
        if (spec.input.kind === 'stream') stdin = started.stdin;
        return started;
      },
    },
    queuedBytes: () => stdin?.writableLength ?? 0,
  };
}

async function oneRun(
  ffmpegPath: string,
  folder: string,
  sources: readonly Source[],
  options: FinishBenchOptions,
): Promise<RunFigures> {
  await mkdir(folder);
  let nowMs = 1_000;
  const watched = watchedFfmpeg(ffmpegPath);
  const recordings = createRecordings(
    {
      files: nodeFiles,
      // The recording's clock runs with the chunks: an hour goes by as fast as the disk takes it.
      clock: { monotonicMs: () => nowMs, wallMs: () => Date.now() },
      ids: nodeIds,
      scheduler: nodeScheduler,
      jobs: createMediaJobs({ ffmpeg: async () => watched.ffmpeg, files: nodeMediaFiles }),
      library: createLibrary({
        files: nodeFiles,
        ids: nodeIds,
        scheduler: nodeScheduler,
        path: join(folder, 'library.json'),
        onWriteFailed: () => undefined,
      }),
    },
    {
      recordingsFolder: () => join(folder, 'recordings'),
      captureSettings: () => ({ videoBitsPerSecond: 1_250_000, audioBitsPerSecond: 64_000, recordMix: true }),
      diskReserveBytes: () => 0,
      format: () => 'mkv',
      writingApp: 'Tallylight bench',
    },
  );
  const fed = await feed(recordings, sources, options, watched.queuedBytes, (atMs) => {
    nowMs = 1_000 + atMs;
  });
  // Two turns of the group timer: what a real recorder has not synced at Stop is one second of media, not of this feed.
  await delay(2_500);

  const stopped = await stop(recordings, fed.recording, fed.open);
  const files = stopped.recording.tracks.flatMap((track) =>
    track.segments.map((segment) => join(stopped.recording.folder, segment.file)),
  );
  await verify(stopped.recording, options.minutes * 60_000);
  const cpMs = await timed(async () => {
    for (const [index, file] of files.entries()) await run('cp', [file, join(folder, `copy-${index}`)]);
  });
  const remuxMs = await timed(async () => {
    for (const [index, file] of files.entries()) {
      const container = file.endsWith('.webm') ? 'webm' : 'matroska';
      const output = join(folder, `remux-${index}`);
      await run(ffmpegPath, ['-v', 'error', '-i', `file:${file}`, '-map', '0', '-c', 'copy', '-f', container, output]);
    }
  });
  await recordings.close({ limitMs: 1_000 });
  await rm(folder, { recursive: true, force: true });
  const { playableMs, completedMs } = stopped;
  const { sizeBytes, chunks, rssBytes } = fed;
  return { sizeBytes, chunks, playableMs, completedMs, cpMs, remuxMs, rssBytes };
}

async function feed(
  recordings: Recordings,
  sources: readonly Source[],
  options: FinishBenchOptions,
  queuedBytes: () => number,
  setElapsedMs: (atMs: number) => void,
) {
  const newId = (): string => nodeIds.next();
  const recording = await recordings.start({
    callId: callIdSchema.parse(newId()),
    title: 'One long meeting',
    recordedBy: 'Ada',
    format: options.format,
  });
  const { id: recordingId } = recording;
  const open = [];
  for (const { lanes, participantName, source } of sources) {
    const participantId = source === 'mix' ? null : participantIdSchema.parse(newId());
    const { trackId } = await recordings.openTrack({ recordingId, participantId, participantName, source });
    const names = lanes.map((each) => each.lane);
    const { segment } = await recordings.openSegment({ recordingId, trackId, lanes: names, atMs: 0 });
    open.push({ trackId, segment, lanes });
  }
  const steps = Math.round((options.minutes * 60_000) / CHUNK_MS);
  const rssBytes = { tenPercent: 0, end: 0, worst: 0 };
  const waiting: Promise<unknown>[] = [];
  let sizeBytes = 0;
  let chunks = 0;
  for (let seq = 0; seq < steps; seq += 1) {
    const atMs = (seq + 1) * CHUNK_MS + 30;
    setElapsedMs(atMs);
    const acks: Promise<unknown>[] = [];
    for (const { trackId, segment, lanes } of open) {
      for (const { lane, media } of lanes) {
        const bytes = media.chunk(seq);
        sizeBytes += bytes.byteLength;
        chunks += 1;
        acks.push(recordings.append({ recordingId, trackId, segment, lane, seq, crc32: crc32(bytes), atMs, bytes }));
      }
    }
    waiting.push(Promise.all(acks));
    if (waiting.length > UNACKED_STEPS) await waiting.shift();
    while (queuedBytes() > MAX_FFMPEG_QUEUE_BYTES) await delay(5);
    if (seq % 100 === 0) rssBytes.worst = Math.max(rssBytes.worst, process.memoryUsage().rss);
    if (seq === Math.floor(steps / 10)) rssBytes.tenPercent = process.memoryUsage().rss;
  }
  setElapsedMs(steps * CHUNK_MS + 1_000);
  while (queuedBytes() > 0) await delay(5);
  rssBytes.end = process.memoryUsage().rss;
  rssBytes.worst = Math.max(rssBytes.worst, rssBytes.end);
  return { recording, open, waiting, sizeBytes, chunks, rssBytes };
}

async function stop(
  recordings: Recordings,
  { id: recordingId }: Recording,
  open: readonly { trackId: Parameters<Recordings['closeSegment']>[0]['trackId']; segment: number }[],
) {
  const startMs = performance.now();
  let playableMs = Number.NaN;
  const { promise, resolve, reject } = Promise.withResolvers<Recording>();
  const undo = recordings.subscribe((event: RecordingEvent) => {
    if (event.type === 'recordingProcessing') playableMs = performance.now() - startMs;
    if (event.type === 'recordingCompleted') resolve(event.recording);
    if (event.type === 'recordingFailed') reject(new Error(event.recording.error?.message ?? 'failed'));
  });
  await recordings.stop({ recordingId });
  await Promise.all(
    open.map(({ trackId, segment }) => recordings.closeSegment({ recordingId, trackId, segment, reason: 'stopped' })),
  );
  const recording = await promise;
  const completedMs = performance.now() - startMs;
  undo();
  return { recording, playableMs, completedMs };
}

/** A fast finish of something that does not play would be worth nothing. */
async function verify(recording: Recording, expectedMs: number): Promise<void> {
  if (recording.deliverables.length !== 3 || recording.thumbnails.length !== 5) throw new Error('Results are missing.');
  for (const { file, durationMs } of recording.deliverables) {
    if (Math.abs(durationMs - expectedMs) > 1_000) throw new Error(`${file} lasts ${durationMs} ms.`);
    const complaints = await decodeComplaints(join(recording.folder, file), Math.max(0, expectedMs - 5_000));
    if (complaints !== '') throw new Error(`${file}: ${complaints}`);
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
