import { describe, expect, it } from 'vitest';
import { initials } from '../../renderer/ui/initials.ts';
import { nameList, peopleCount } from '../../renderer/ui/people-words.ts';
import { sizeWords } from '../../renderer/ui/size-words.ts';
import {
  clockWords,
  comingDayWords,
  dateWords,
  durationWords,
  offsetWords,
  timeLeftWords,
  untilWords,
} from '../../renderer/ui/time-words.ts';

describe('times in words', () => {
  it('counts up as on a clock and shows hours only when there are some', () => {
    expect(clockWords(0)).toBe('00:00');
    expect(clockWords(59_999)).toBe('00:59');
    expect(clockWords(60_000)).toBe('01:00');
    expect(clockWords(3_600_000)).toBe('1:00:00');
    expect(clockWords(-5)).toBe('00:00');
  });

  it('says durations as people do', () => {
    expect(durationWords(8400)).toBe('8 s');
    expect(durationWords(120_000)).toBe('2 min');
    expect(durationWords(125_000)).toBe('2 min 5 s');
    expect(durationWords(3_900_000)).toBe('1 h 5 min');
    expect(durationWords(7_200_000)).toBe('2 h');
  });

  it('says where a file begins', () => {
    expect(offsetWords(20)).toBe('Begins with the recording');
    expect(offsetWords(54_200)).toBe('Begins 54.2 s in');
    expect(offsetWords(-300)).toBe('Begins 0.3 s before it');
  });

  it('names today and yesterday, also across a change of month', () => {
    const now = new Date(2026, 2, 1, 0, 30);
    expect(dateWords(new Date(2026, 2, 1, 0, 5).toISOString(), now, 'en-GB')).toBe('Today, 00:05');
    expect(dateWords(new Date(2026, 1, 28, 23, 59).toISOString(), now, 'en-GB')).toBe('Yesterday, 23:59');
    expect(dateWords(new Date(2026, 1, 27, 12, 0).toISOString(), now, 'en-GB')).toBe('27 Feb 2026, 12:00');
    expect(dateWords('nonsense', now)).toBe('');
  });
});

describe('times to come in words', () => {
  const now = new Date(2026, 11, 30, 23, 50);
  const at = (day: number, hour: number): string => new Date(2026, 11, day, hour, 5).toISOString();

  it('names today and tomorrow, then the day, with the year when it is another one', () => {
    expect(comingDayWords(at(30, 23), now, 'en-GB')).toBe('today');
    expect(comingDayWords(at(31, 0), now, 'en-GB')).toBe('tomorrow');
    expect(comingDayWords(at(32, 0), now, 'en-GB')).toBe('on 1 January 2027');
    expect(untilWords(at(31, 9), now, 'en-GB')).toBe('tomorrow at 09:05');
    expect(untilWords(at(34, 9), now, 'en-GB')).toBe('3 January 2027 at 09:05');
  });

  it('says how long something takes no finer than it is known', () => {
    expect(timeLeftWords(0)).toBe('10 s left');
    expect(timeLeftWords(41)).toBe('50 s left');
    expect(timeLeftWords(61)).toBe('2 min left');
    expect(timeLeftWords(3600)).toBe('1 h left');
    expect(timeLeftWords(7800)).toBe('2 h 10 min left');
    expect(timeLeftWords(3 * 86_400)).toBe('3 days left');
  });
});

describe('sizes in words', () => {
  it('never shows a thousand of a unit', () => {
    expect(sizeWords(0)).toBe('0 B');
    expect(sizeWords(999)).toBe('999 B');
    expect(sizeWords(1000)).toBe('1 kB');
    expect(sizeWords(999_499)).toBe('999 kB');
    expect(sizeWords(999_500)).toBe('1.0 MB');
    expect(sizeWords(188_000_000)).toBe('188.0 MB');
    expect(sizeWords(999_999_999)).toBe('1.00 GB');
  });
});

describe('people in words', () => {
  it('takes the initials of the first and the last word, in any script', () => {
    expect(initials('Ana Lima')).toBe('AL');
    expect(initials('  chiara de la fuente ')).toBe('CF');
    expect(initials('Dmitri')).toBe('D');
    expect(initials('李 小龙')).toBe('李小');
    expect(initials('😀 b')).toBe('😀B');
    expect(initials('  ')).toBe('?');
  });

  it('lists up to three names and counts the rest', () => {
    expect(nameList([])).toBe('Nobody');
    expect(nameList(['Ana'])).toBe('Ana');
    expect(nameList(['Ana', 'Ben'])).toBe('Ana and Ben');
    expect(nameList(['Ana', 'Ben', 'Cy'])).toBe('Ana, Ben and Cy');
    expect(nameList(['Ana', 'Ben', 'Cy', 'Di'])).toBe('Ana, Ben and 2 more');
  });

  it('counts one person and several', () => {
    expect(peopleCount(1)).toBe('1 person');
    expect(peopleCount(3)).toBe('3 people');
  });
});
