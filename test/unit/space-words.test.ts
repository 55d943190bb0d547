import { describe, expect, it } from 'vitest';
import { recordRoomWords, roomWords, timeLeftWords } from '../../renderer/stage/space-words.ts';
import { checkReserve, reserveWords } from '../../renderer/settings/reserve.ts';

describe('how long the room lasts', () => {
  it('is said roughly and never as more than there is', () => {
    expect(roomWords(59)).toBe('less than a minute');
    expect(roomWords(60)).toBe('1 min');
    expect(roomWords(3_599)).toBe('59 min');
    expect(roomWords(3_600)).toBe('1 h');
    expect(roomWords(12_599)).toBe('3 h 20 min');
    expect(roomWords(172_799)).toBe('47 h 50 min');
    expect(roomWords(172_800)).toBe('2 days');
  });

  it('is told before Record is pressed, more urgently the less there is', () => {
    const freeBytes = 3_000_000_000;
    expect(recordRoomWords({ freeBytes, level: 'ok', secondsLeft: 12_000 })).toBe('About 3 h 20 min fit on the disk');
    expect(recordRoomWords({ freeBytes, level: 'ok', secondsLeft: null })).toBe('3.00 GB free on the disk');
    expect(recordRoomWords({ freeBytes, level: 'low', secondsLeft: 720 })).toBe('Only about 12 min fit on the disk');
    expect(recordRoomWords({ freeBytes, level: 'low', secondsLeft: 20 })).toBe('Less than a minute fits on the disk');
    expect(recordRoomWords({ freeBytes, level: 'floor', secondsLeft: 0 })).toBe(
      'Too little room on the disk to record',
    );
  });

  it('counts down by the second when it comes to minutes', () => {
    const low = { freeBytes: 500_000_000, level: 'low' as const };
    expect(timeLeftWords({ ...low, secondsLeft: 900 })).toBe('About 15 min of recording are left.');
    expect(timeLeftWords({ ...low, secondsLeft: 581 })).toBe('09:41 of recording are left.');
    expect(timeLeftWords({ ...low, secondsLeft: null })).toBe('500.0 MB are left.');
  });
});

describe('the reserve as it is typed', () => {
  it('takes gigabytes with a point or a comma and shows them as they were typed', () => {
    expect(checkReserve(' 2 ')).toEqual({ ok: true, value: { diskReserveBytes: 2 * 1024 ** 3 } });
    expect(checkReserve('0,5')).toEqual({ ok: true, value: { diskReserveBytes: 512 * 1024 ** 2 } });
    expect(checkReserve('0')).toMatchObject({ ok: true });
    expect(checkReserve('1024')).toMatchObject({ ok: true });
    expect(
      ['2', '0.5', '12.25', '0'].map((typed) => {
        const checked = checkReserve(typed);
        return checked.ok ? reserveWords(checked.value.diskReserveBytes) : checked.reason;
      }),
    ).toEqual(['2', '0.5', '12.25', '0']);
  });

  it('refuses everything else with the reason', () => {
    for (const typed of ['', '-1', '1024.1', 'two', '1e3', '2 GB', 'Infinity', '99999999999999999999']) {
      expect(checkReserve(typed), typed).toMatchObject({ ok: false });
    }
  });
});
