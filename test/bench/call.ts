import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import type { FileFormat, Recording } from '../../contract/recording.ts';
import { runTour, type DemoEvent } from '../../scripts/demo/tour.ts';
import { LOOKS, PERIOD_MS, writeCamera, writeMicrophone, type PersonLook } from '../support/av-source.ts';
import {
  decodeComplaints,
  decodeSound,
  distances,
  frameBrightness,
  largestGap,
  median,
  packetTimes,
  pitchSeries,
  risingEdges,
  WHOLE_PICTURE,
  type Region,
} from '../support/av-measure.ts';
import { probeSource, type SourceTruth } from '../support/source-probe.ts';

const LOOP_SECONDS = 10;

/** Watching the sources costs processor time of its own: they are watched at the beginning, and frames are counted after it. */
const WATCHED_SECONDS = 9;
const COUNTED_FROM_MS = 10_500;

type FileFigures = {
  file: string;
  participant: string;
  format: string;
  durationMs: number;
  offsetMs: number;
  /** Picture: frames a second, largest distance between two frames. */
  framesPerSecond: number;
  largestPictureGapMs: number;
  largestSoundGapMs: number;
  flashes: number;
  beeps: number;
  /** (sound - picture in the file) - (sound - picture at the source): positive = sound came late. */
  soundLateMs: number | null;
  worstSoundLateMs: number | null;
  /** File time of a flash on the recording's clock minus the instant at its source: comparable between files of one recording. */
  pictureDelayMs: number | null;
  complaints: string;
};

const wrap = (value: number): number => {
  const inPeriod = ((value % PERIOD_MS) + PERIOD_MS) % PERIOD_MS;
  return inPeriod > PERIOD_MS / 2 ? inPeriod - PERIOD_MS : inPeriod;
};

type Source = { name: string; look: PersonLook; truth: SourceTruth };

async function measureFile(
  path: string,
  about: { participant: string; format: string; durationMs: number; offsetMs: number },
  { look, truth }: Source,
  startedAtMs: number,
  region: Region,
): Promise<FileFigures> {
  const flashes = risingEdges(await frameBrightness(path, region));
  const beeps = risingEdges(pitchSeries(await decodeSound(path), look.beepHz));
  const all = await packetTimes(path, 'v');
  const counted = all.filter(({ atMs }) => atMs > COUNTED_FROM_MS);
  const pictures = counted.length > 1 ? counted : all;
  const sounds = await packetTimes(path, 'a');
  const sourceGap = median(distances(truth.beeps, truth.flashes));
  const late = distances(beeps, flashes).map((gap) => wrap(gap - sourceGap));
  // Sources repeat: what was watched for a while tells of the rest too.
  const delays = distances(
    flashes.map((at) => at + about.offsetMs + startedAtMs),
    truth.flashes,
  ).map(wrap);
  const span = (pictures.at(-1)?.atMs ?? 0) - (pictures[0]?.atMs ?? 0);
  return {
    file: path,
    ...about,
    framesPerSecond: ((pictures.length - 1) * 1000) / span,
    largestPictureGapMs: largestGap(pictures),
    largestSoundGapMs: largestGap(sounds),
    flashes: flashes.length,
    beeps: beeps.length,
    soundLateMs: median(late),
    worstSoundLateMs: late.reduce((worst, value) => (Math.abs(value) > Math.abs(worst) ? value : worst), 0),
    pictureDelayMs: median(delays),
    complaints: await decodeComplaints(path),
  };
}

async function probe(name: string, page: Page, look: PersonLook, seconds: number): Promise<Source> {
  return { name, look, truth: await probeSource(page, look, seconds) };
}

/** Holds and records one call of real apps on made sources and measures the files from outside. */
async function measureCall(options: { people: number; seconds: number; format: FileFormat }): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-bench-call-'));
  try {
    const videos: string[] = [];
    const audios: string[] = [];
    const looks = LOOKS.slice(0, options.people);
    for (const [index, look] of looks.entries()) {
      const camera = join(folder, `camera-${index}.y4m`);
      const microphone = join(folder, `microphone-${index}.wav`);
      await writeCamera(camera, look, LOOP_SECONDS);
      await writeMicrophone(microphone, look, LOOP_SECONDS);
      videos.push(camera);
      audios.push(microphone);
    }
    let sources: Source[] = [];
    let result: Extract<DemoEvent, { event: 'result' }> | null = null;
    let recordedMs = Number.NaN;
    let recording: Recording | null = null;
    await runTour(
      {
        people: options.people,
        seconds: options.seconds,
        format: options.format,
        out: join(folder, 'recordings'),
        videos,
        audios,
        keepProfiles: false,
      },
      (event) => {
        if (event.event === 'result') result = event;
        if (event.event === 'recordingStopped') recordedMs = event.recordedMs;
      },
      new AbortController().signal,
      {
        async whileRecording(people) {
          sources = await Promise.all(
            people.flatMap(({ name, page }, index) => {
              const look = looks[index];
              return look === undefined
                ? []
                : [probe(name, page, look, Math.min(WATCHED_SECONDS, options.seconds - 2))];
            }),
          );
        },
      },
    );
    const done = result as Extract<DemoEvent, { event: 'result' }> | null;
    recording = done?.recording ?? null;
    if (done === null || recording === null) return { ok: false, result: done };
    const startedAtMs = Date.parse(recording.startedAt);
    const files: FileFigures[] = [];
    for (const deliverable of done.deliverables) {
      const { participant, format, durationMs, offsetMs, path, kind } = deliverable;
      for (const [index, source] of sources.entries()) {
        if (kind === 'track' && source.name !== participant) continue;
        // Two people share the mix side by side: the middle of each half belongs to one of them.
        const region =
          kind === 'mix' && sources.length === 2
            ? { x: index * 0.5 + 0.15, y: 0.4, width: 0.2, height: 0.1 }
            : WHOLE_PICTURE;
        const about = {
          participant: kind === 'mix' ? `mix: ${source.name}` : participant,
          format,
          durationMs,
          offsetMs,
        };
        files.push(await measureFile(path, about, source, startedAtMs, region));
      }
    }
    return { ok: done.ok, error: done.error, format: options.format, recordedMs, timings: done.timings, files };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `npm run bench -- call [--people N] [--seconds N] [--format F] [--runs N]`: one JSON object per run. */
export async function benchCall(options: {
  people: number;
  seconds: number;
  format: FileFormat;
  runs: number;
}): Promise<void> {
  for (let run = 0; run < options.runs; run += 1) {
    process.stdout.write(`${JSON.stringify(await measureCall(options))}\n`);
  }
}
