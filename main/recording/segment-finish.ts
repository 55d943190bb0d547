import type { FinishPlan } from '../media/matroska/finish-plan.ts';
import { scanSegmentFile } from '../media/matroska/file-scan.ts';
import type { ScanDamage } from '../media/matroska/file-scan.ts';
import type { TrackInfo } from '../media/matroska/track-entry.ts';
import type { Files, OpenFile } from './ports.ts';

/** What is in a finished segment file; `unusable` is a file in which nothing can be shown. */
export type FinishedSegment =
  | {
      kind: 'finished';
      durationMs: number;
      sizeBytes: number;
      audioCodec: string | null;
      videoCodec: string | null;
      damage: ScanDamage | null;
    }
  | { kind: 'unusable' };

/** Puts a finish plan into the file; killed anywhere in it, a scan comes to the same plan again. */
export async function applyFinishPlan(file: OpenFile, plan: FinishPlan): Promise<number> {
  if ((await file.sizeBytes()) !== plan.truncateTo) await file.truncate(plan.truncateTo);
  if (plan.append.length > 0) await file.write(plan.append, plan.truncateTo);
  const last = plan.patches.at(-1);
  for (const patch of plan.patches.slice(0, -1)) await file.write(patch.bytes, patch.offset);
  // The last patch says "finished": it must not reach the disk before what it speaks of.
  await file.sync();
  if (last !== undefined) {
    await file.write(last.bytes, last.offset);
    await file.sync();
  }
  return plan.truncateTo + plan.append.length;
}

/** Finishes the file at this absolute path by a scan, wherever the work is done. */
export type FinishByScan = (path: string) => Promise<FinishedSegment>;

/** Finishes a file that has lost its writer, by a scan; a file that is finished is only read. */
export async function finishByScan(files: Files, path: string): Promise<FinishedSegment> {
  const file = await files.open(path);
  try {
    const sizeBytes = await file.sizeBytes();
    const scan = await scanSegmentFile({ sizeBytes, read: (offset, length) => file.read(offset, length) });
    if (scan.kind === 'unusable') return { kind: 'unusable' };
    if (scan.kind === 'finished') {
      return { kind: 'finished', durationMs: scan.durationMs, sizeBytes, ...codecsOf(scan.tracks), damage: null };
    }
    const { plan, tracks, damage } = scan;
    if (plan.durationMs <= 0) return { kind: 'unusable' };
    const finishedBytes = await applyFinishPlan(file, plan);
    return { kind: 'finished', durationMs: plan.durationMs, sizeBytes: finishedBytes, ...codecsOf(tracks), damage };
  } finally {
    await file.close();
  }
}

/** The codecs of a file as Matroska names them. */
export function codecsOf(tracks: readonly TrackInfo[]): { audioCodec: string | null; videoCodec: string | null } {
  return {
    audioCodec: tracks.find((track) => track.type === 'audio')?.codecId ?? null,
    videoCodec: tracks.find((track) => track.type === 'video')?.codecId ?? null,
  };
}
