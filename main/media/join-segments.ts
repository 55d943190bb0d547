import { dirname } from 'node:path';
import { joinByCopyArgs } from './argv.ts';
import type { CopyContainer } from './argv.ts';
import type { ExportMp4Request, JoinedFile } from './export-mp4.ts';
import { runAndPublish } from './run-and-publish.ts';
import { planSegmentFiles } from './segment-plan.ts';

export type JoinSegmentsRequest = ExportMp4Request & { readonly container: CopyContainer };

// The unknown length of a last frame moves the end a little.
const durationToleranceMs = 2_000;

/** Joins several Matroska or WebM segments of one track into one file by stream copy, keeping the gaps between them. */
export async function joinSegments(request: JoinSegmentsRequest): Promise<JoinedFile> {
  const plan = await planSegmentFiles(request.sources);
  await request.files.makeDirectory(dirname(request.outputPath));
  const probe = await runAndPublish({
    ...request,
    expectation: {
      container: 'matroska',
      kinds: plan.kinds,
      durationMs: plan.durationMs,
      toleranceMs: durationToleranceMs,
    },
    argvFor: (outputPath) => joinByCopyArgs({ segments: plan.placed, container: request.container, outputPath }),
  });
  return { path: request.outputPath, probe, offsetMs: plan.offsetMs };
}
