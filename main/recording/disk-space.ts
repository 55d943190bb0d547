import type { DiskSpace, FileFormat } from '../../contract/recording.ts';
import type { CaptureSettings } from './capture-plan.ts';

/** Share of the reserve that a recording leaves alone: enough to finish its files and for the machine to go on. */
const FLOOR_SHARE = 0.1;

/** Below this many free bytes nothing is recorded. */
export function floorBytes(reserveBytes: number): number {
  return Math.floor(reserveBytes * FLOOR_SHARE);
}

/** Judges the room on a disk against the reserve; a rate of zero or less is one that is not known. */
export function judgeSpace(input: { freeBytes: number; reserveBytes: number; bytesPerSecond: number }): DiskSpace {
  const { freeBytes, reserveBytes, bytesPerSecond } = input;
  const floor = floorBytes(reserveBytes);
  const level = freeBytes < floor ? 'floor' : freeBytes < reserveBytes ? 'low' : 'ok';
  const secondsLeft = bytesPerSecond > 0 ? Math.floor(Math.max(0, freeBytes - floor) / bytesPerSecond) : null;
  return { freeBytes, level, secondsLeft };
}

/** What a recording of so many people writes, bytes a second, when pictures come at the rate of the settings. */
export function expectedBytesPerSecond(people: number, format: FileFormat, settings: CaptureSettings): number {
  const onePerson = settings.videoBitsPerSecond + settings.audioBitsPerSecond;
  // The MP4 of the mix grows beside the mix: for that format it is written twice.
  const mixes = settings.recordMix ? (format === 'mp4' ? 2 : 1) : 0;
  return ((people + mixes) * onePerson) / 8;
}
