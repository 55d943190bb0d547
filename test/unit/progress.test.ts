import { expect, test } from 'vitest';
import {
  emptyProgressReading,
  parseClockTimeMs,
  progressFraction,
  readProgressLine,
} from '../../main/media/progress.ts';
import type { FfmpegProgress } from '../../main/media/progress.ts';

function reports(text: string): FfmpegProgress[] {
  const found: FfmpegProgress[] = [];
  let reading = emptyProgressReading;
  for (const line of text.split('\n')) {
    const step = readProgressLine(reading, line);
    reading = step.reading;
    if (step.report !== null) found.push(step.report);
  }
  return found;
}

// Printed by FFmpeg N-47683 (2018) for a 20 s file.
const printedIn2018 = `frame=476
fps=0.00
stream_0_0_q=-1.0
bitrate=1985.1kbits/s
total_size=3932208
out_time_us=15847063
out_time_ms=15847063
out_time=00:00:15.847063
dup_frames=0
drop_frames=0
speed=31.7x
progress=continue
frame=600
fps=0.00
stream_0_0_q=-1.0
bitrate=2040.7kbits/s
total_size=5104393
out_time_us=20010667
out_time_ms=20010667
out_time=00:00:20.010667
dup_frames=0
drop_frames=0
speed=31.6x
progress=end
`;

// The first report of FFmpeg 5.1.9, and what FFmpeg 7 writes while it has no time yet (after its print_report, not a run).
const printedBy51 = `frame=0
fps=0.00
stream_0_0_q=-1.0
bitrate=N/A
total_size=48
out_time_us=0
out_time_ms=0
out_time=00:00:00.000000
dup_frames=0
drop_frames=0
speed=N/A
progress=continue
`;
const printedBy7 = `frame=0
bitrate=N/A
total_size=N/A
out_time_us=N/A
out_time_ms=N/A
out_time=N/A
speed=N/A
progress=continue
`;

test('the reports of the 2018 build are read with their time and size', () => {
  expect(reports(printedIn2018)).toEqual([
    { outTimeMs: 15_847.063, totalSizeBytes: 3_932_208, isLast: false },
    { outTimeMs: 20_010.667, totalSizeBytes: 5_104_393, isLast: true },
  ]);
});

test('a report without times is read as not knowing', () => {
  expect(reports(printedBy51)).toEqual([{ outTimeMs: 0, totalSizeBytes: 48, isLast: false }]);
  expect(reports(printedBy7)).toEqual([{ outTimeMs: null, totalSizeBytes: null, isLast: false }]);
});

test('one report never carries values of the one before', () => {
  expect(reports('total_size=10\nprogress=continue\nprogress=end\n')).toEqual([
    { outTimeMs: null, totalSizeBytes: 10, isLast: false },
    { outTimeMs: null, totalSizeBytes: null, isLast: true },
  ]);
});

test('lines that are no progress are passed over', () => {
  expect(reports('=\nhello\n=5\ntotal_size=-1\nout_time=99999999999:00:00\nprogress=continue')).toEqual([
    { outTimeMs: null, totalSizeBytes: null, isLast: false },
  ]);
});

test('a time before zero is read with its sign', () => {
  expect(parseClockTimeMs('-00:00:00.021333')).toBeCloseTo(-21.333, 6);
  expect(parseClockTimeMs('01:02:03.5')).toBe(3_723_500);
});

test('the fraction stays between 0 and 1 and is 1 only past the end', () => {
  const at = (outTimeMs: number | null, isLast = false): FfmpegProgress => ({
    outTimeMs,
    totalSizeBytes: null,
    isLast,
  });
  expect(progressFraction(at(-20), 1000)).toBe(0);
  expect(progressFraction(at(250), 1000)).toBe(0.25);
  expect(progressFraction(at(1500), 1000)).toBe(1);
  expect(progressFraction(at(500), null)).toBe(0);
  expect(progressFraction(at(500), 0)).toBe(0);
  expect(progressFraction(at(null), 1000)).toBe(0);
  expect(progressFraction(at(null, true), null)).toBe(1);
});
