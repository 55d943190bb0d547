import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Recording } from '../../contract/recording.ts';
import type { TrackLog } from './take.ts';

const run = promisify(execFile);

/** A frame may be placed this much beside its source. */
const MAX_MOVED_MS = 150;

/**
 * How much of a track is missing at its end, for its sound and its picture; what is missing elsewhere is a failure. After the
 * death of a process alone, no frame of an acknowledged chunk may be missing.
 */
export async function measureLoss(
  recording: Recording,
  track: TrackLog,
  bar: { endAtMs: number; maxLostMs: number; keepsAcknowledged: boolean },
): Promise<{ lostMs: number[]; failures: string[] }> {
  const { endAtMs, maxLostMs, keepsAcknowledged } = bar;
  const failures: string[] = [];
  const lostMs: number[] = [];
  const name = track.source === 'mix' ? 'the mix' : `track ${track.trackId}`;
  const [deliverable, ...more] = recording.deliverables.filter((each) => each.trackId === track.trackId);
  if (more.length > 0) failures.push(`${name} has ${more.length + 1} files`);
  const packets =
    deliverable === undefined ? { audio: [], video: [] } : await packetsOf(join(recording.folder, deliverable.file));
  for (const type of ['audio', 'video'] as const) {
    const frames = track.frames.filter((frame) => frame.type === type);
    const endMs = track.endMs === null ? endAtMs : Math.min(endAtMs, track.endMs);
    const times = packets[type].map((ms) => ms + (deliverable?.offsetMs ?? 0));
    // Sound that was encoded again has other packets: there only its end can be compared.
    const isCopy = type === 'video' || deliverable?.format !== 'mp4';
    const lastAtMs = times.at(-1) ?? Number.NEGATIVE_INFINITY;
    const saved = isCopy ? times.length : frames.filter((frame) => frame.atMs <= lastAtMs + 25).length;
    if (saved > frames.length) failures.push(`${name} has ${saved} frames of ${frames.length} (${type})`);
    if (isCopy && keepsAcknowledged && saved < track.acknowledged[type]) {
      failures.push(`${name} has ${saved} frames (${type}) and ${track.acknowledged[type]} were acknowledged`);
    }
    const last = frames[Math.min(saved, frames.length) - 1];
    lostMs.push(Math.max(0, endMs - (last?.endMs ?? track.startMs)));
    if (last !== undefined && isCopy && Math.abs(lastAtMs - last.atMs) > MAX_MOVED_MS) {
      failures.push(
        `the ${saved}. frame (${type}) of ${name} is at ${Math.round(lastAtMs)} ms, not ${last.atMs}: some are missing inside`,
      );
    }
  }
  const worst = Math.max(...lostMs);
  if (worst > maxLostMs)
    failures.push(`${name} lost ${Math.round(worst)} ms before the end at ${Math.round(endAtMs)} ms`);
  return { lostMs, failures };
}

/** When each packet of a file's sound and picture is shown, in milliseconds of the file's own time, in order. */
export async function packetsOf(path: string): Promise<{ audio: number[]; video: number[] }> {
  const { stdout } = await run(
    'ffprobe',
    ['-v', 'error', '-show_entries', 'packet=codec_type,pts_time', '-of', 'csv=p=0', `file:${path}`],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const packets = { audio: [] as number[], video: [] as number[] };
  for (const line of stdout.split('\n')) {
    const [type, seconds] = line.split(',');
    if (type === 'audio' || type === 'video') packets[type].push(Number(seconds) * 1000);
  }
  packets.audio.sort((a, b) => a - b);
  packets.video.sort((a, b) => a - b);
  return packets;
}
