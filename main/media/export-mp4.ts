import { dirname } from 'node:path';
import { remuxToMp4Args } from './argv.ts';
import type { MediaExpectation } from './check-media.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { MediaError } from './media-error.ts';
import type { MediaFiles } from './media-files.ts';
import type { MediaProbe } from './probe.ts';
import type { ProcessIdentity } from './processes.ts';
import { runAndPublish } from './run-and-publish.ts';
import { planSegmentFiles } from './segment-plan.ts';
import type { SegmentSource } from './segment-plan.ts';

export type ExportMp4Request = {
  readonly ffmpeg: Ffmpeg;
  readonly files: MediaFiles;
  readonly sources: readonly SegmentSource[];
  readonly outputPath: string;
  readonly signal?: AbortSignal | undefined;
  /** The done part, 0..1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  readonly onProcess?: ((identity: ProcessIdentity) => void) | undefined;
};

export type JoinedFile = {
  readonly path: string;
  readonly probe: MediaProbe;
  /** Where the file's time zero lies on the recording's clock. */
  readonly offsetMs: number;
};

// What an mp4 file may hold as picture and players open (VP8 has no mapping to mp4).
const mp4VideoCodecs: ReadonlySet<string> = new Set(['avc', 'hevc', 'vp9', 'av1']);

// AAC frames, priming and the unknown length of a last frame (a still screen has few) move the end a little.
const durationToleranceMs = 2_000;

/** What a finished MP4 of the given kinds of track and length must look like. */
export function mp4Expectation(kinds: readonly ('video' | 'audio')[], durationMs: number | null): MediaExpectation {
  return { container: 'mp4', kinds, durationMs, toleranceMs: durationToleranceMs };
}

/** Whether an MP4 can hold this picture without encoding it again; codec names are those of the probe. */
export function fitsMp4(videoCodec: string | null): boolean {
  return videoCodec !== null && mp4VideoCodecs.has(videoCodec);
}

/** Makes an MP4 of one track from one or several segments: picture copied, sound as AAC. */
export async function exportMp4(request: ExportMp4Request): Promise<JoinedFile> {
  const plan = await planSegmentFiles(request.sources);
  if (plan.kinds.includes('video') && !fitsMp4(plan.videoCodec)) {
    throw new MediaError(
      'RESULT_INVALID',
      `An MP4 cannot hold ${plan.videoCodec ?? 'this'} video without encoding it.`,
      {
        retryable: false,
        details: { reason: 'codecNotInContainer', codec: plan.videoCodec ?? 'unknown' },
      },
    );
  }
  const [first, ...others] = plan.placed;
  await request.files.makeDirectory(dirname(request.outputPath));
  const probe = await runAndPublish({
    ...request,
    expectation: mp4Expectation(plan.kinds, plan.durationMs),
    argvFor: (outputPath) =>
      remuxToMp4Args({
        source: others.length === 0 ? { path: first.path, container: plan.container } : { segments: plan.placed },
        outputPath,
      }),
  });
  return { path: request.outputPath, probe, offsetMs: plan.offsetMs };
}
