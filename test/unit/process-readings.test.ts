import { expect, test } from 'vitest';
import { parseProcStat, parsePsStart, parsePsTimeMs } from '../../main/media/process-readings.ts';

// proc(5); the line of a real ffmpeg 5.1 on Linux 6.1, its name changed.
const stat = (name: string): string =>
  `18422 (${name}) S 18401 18422 18422 0 -1 4194304 6113 0 31 0 117 23 0 0 20 0 7 0 1093412 1014882304 15934 18446744073709551615 1 1 0 0 0 0 0 16781312 17642 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0`;

test.each(['ffmpeg', 'a) R 1 2 3 (b', '', ') ) ('])('the stat of a program called "%s" is read', (name) => {
  expect(parseProcStat(stat(name))).toEqual({
    state: 'S',
    processGroup: 18422,
    cpuMs: 1400,
    startTicks: '1093412',
  });
});

test.each(['', 'nothing', '1 (a) S', stat('x').replace('1093412', '-5'), stat('x').slice(0, 60)])(
  'a line that is cut or none is refused: %s',
  (text) => {
    expect(parseProcStat(text)).toBeNull();
  },
);

test('the start that ps tells is the same text however the day is padded', () => {
  expect(parsePsStart('Sun Nov  2 18:26:18 2026\n')).toBe('Sun Nov 2 18:26:18 2026');
  expect(parsePsStart('Sun Nov 22 18:26:18 2026')).toBe('Sun Nov 22 18:26:18 2026');
  for (const text of ['', 'STARTED', 'So 22 Nov 18:26:18 2026', 'ps: illegal argument']) {
    expect(parsePsStart(text)).toBeNull();
  }
});

test('the processor time that ps tells is read with and without hours, days and hundredths', () => {
  expect(parsePsTimeMs('  0:01.25\n')).toBe(1250);
  expect(parsePsTimeMs('00:01:02')).toBe(62_000);
  expect(parsePsTimeMs('1-02:03:04')).toBe(93_784_000);
  for (const text of ['', 'TIME', '1:2:3:4', '-1:00', '1.5']) expect(parsePsTimeMs(text)).toBeNull();
});
