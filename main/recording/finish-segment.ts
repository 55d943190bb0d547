import { dirname, join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { TrackId } from '../../contract/ids.ts';
import { diskError } from './disk-error.ts';
import type { Files, MediaJobs } from './ports.ts';
import { insideFolder } from './recording-folder.ts';
import type { Ledger } from './recording-ledger.ts';
import type { TrackModel } from './recording-model.ts';
import { finishByScan } from './segment-finish.ts';
import type { FinishByScan, FinishedSegment } from './segment-finish.ts';
import type { SegmentSink } from './segment-sink.ts';

export type FinishSegmentPorts = {
  files: Files;
  jobs: Pick<MediaJobs, 'probe'>;
  /** Scans elsewhere than in this thread; left out, it is done here. */
  finishByScan?: FinishByScan | undefined;
};

/**
 * Finishes one segment: in place by the writer that is still there, else by a scan of its file; probes it and journals it.
 * The same at Stop, at a device switch and at launch; doing it again changes nothing (DESIGN rule 4).
 */
export async function finishSegment(
  ports: FinishSegmentPorts,
  ledger: Ledger,
  target: { trackId: TrackId; segment: number },
  sink: SegmentSink | null,
): Promise<void> {
  const found = findSegment(ledger, target);
  if (found === null || found.segment.state === 'finished' || found.segment.state === 'empty') {
    await sink?.abandon();
    return;
  }
  const what = `the file of ${shortName(found.track)} cannot be finished`;
  try {
    const live = sink === null ? null : await finishLive(sink);
    // Asked again: the file may have been made while the sink was finishing.
    const file = findSegment(ledger, target)?.segment.file ?? null;
    const path = file === null ? null : insideFolder(ledger.folder, file.path);
    if (path === null || (await ports.files.kind(path)) !== 'file') {
      await ledger.record({ kind: 'segmentEmpty', ...target });
      return;
    }
    const scan = ports.finishByScan ?? ((file: string) => finishByScan(ports.files, file));
    const finished = live ?? (await scan(path));
    if (finished.kind === 'unusable') {
      await ledger.record({ kind: 'segmentEmpty', ...target });
      await ledger.record({ kind: 'note', text: `Nothing that can be shown was saved of ${shortName(found.track)}.` });
      return;
    }
    await ports.files.syncFolder(dirname(path));
    await verify(ports, path, finished, found.track);
    const { durationMs, sizeBytes, audioCodec, videoCodec, damage } = finished;
    await ledger.record({ kind: 'segmentFinished', ...target, durationMs, sizeBytes, audioCodec, videoCodec });
    if (damage !== null && damage.holes > 0) {
      await ledger.record({ kind: 'note', text: `Damaged places inside ${shortName(found.track)} were left out.` });
    }
  } catch (error) {
    throw diskError(error, what);
  }
}

async function finishLive(sink: SegmentSink): Promise<FinishedSegment | null> {
  try {
    return await sink.finish();
  } catch {
    // Whatever went wrong, the file on the disk is the truth: the scan decides.
    return null;
  }
}

async function verify(
  ports: FinishSegmentPorts,
  path: string,
  finished: Extract<FinishedSegment, { kind: 'finished' }>,
  track: TrackModel,
): Promise<void> {
  const probe = await ports.jobs.probe(path);
  const isRight =
    probe.sizeBytes === finished.sizeBytes &&
    probe.hasVideo === (finished.videoCodec !== null) &&
    probe.hasAudio === (finished.audioCodec !== null) &&
    probe.durationMs !== null &&
    Math.abs(probe.durationMs - finished.durationMs) < 1000;
  if (!isRight) {
    throw new AppError('RESULT_INVALID', `The finished file of ${shortName(track)} is not what was written.`, {
      retryable: true,
    });
  }
}

function findSegment(ledger: Ledger, target: { trackId: TrackId; segment: number }) {
  const track = ledger.model().tracks.find((each) => each.id === target.trackId);
  const segment = track?.segments.find((each) => each.index === target.segment);
  return track === undefined || segment === undefined ? null : { track, segment };
}

/** A track in a sentence. */
export function shortName(track: Pick<TrackModel, 'participantName' | 'source'>): string {
  return track.source === 'mix' ? 'the mix' : `${track.participantName}'s ${track.source}`;
}

/** Absolute path of a segment's file; throws when the journal names something outside the folder. */
export function segmentPath(folder: string, file: string): string {
  const path = insideFolder(folder, file);
  if (path === null) throw new AppError('CONFLICT', `The journal names a file outside of ${join(folder)}.`);
  return path;
}
