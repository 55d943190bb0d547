import { describe, expect, it } from 'vitest';
import { recordingIdSchema } from '../../contract/ids.ts';
import { binWords, emptyWords, removeWords } from '../../renderer/library/delete-words.ts';
import { goneWords, leavingOf } from '../../renderer/library/leaving-words.ts';
import { binGoesWords, binLabel, noticeWords, questionWords } from '../../renderer/library/retention-words.ts';
import { IN_BUCKET, shownCloud, shownRecording } from '../support/shown-recording.ts';

const now = new Date(2026, 10, 22, 12, 0);
const on = (month: number, day: number, year = 2026): string => new Date(year, month - 1, day, 9, 0).toISOString();
const leaving = (over: object): string | undefined => leavingOf(shownRecording(over), now, 'en-GB')?.words;

describe('when a recording leaves this computer', () => {
  it('names the day, with the year when it is another one', () => {
    expect(leaving({ leavesAt: on(12, 12) })).toBe('Leaves this computer on 12 December');
    expect(leaving({ leavesAt: on(1, 3, 2027) })).toBe('Leaves this computer on 3 January 2027');
    expect(leaving({ leavesAt: on(11, 23) })).toBe('Leaves this computer tomorrow');
    expect(leaving({ leavesAt: on(11, 22) })).toBe('Leaves this computer soon');
  });

  it('says why it stays, and that one pinned it before anything else', () => {
    expect(leaving({})).toBeUndefined();
    expect(leaving({ staysBecause: 'It is in no bucket.' })).toBe('Stays: it is in no bucket');
    expect(leaving({ pinned: true, leavesAt: on(12, 12) })).toBe('Stays: you pinned it');
  });

  it('says that only the bucket has it, and nothing of a bucket that has nothing', () => {
    expect(leaving({ mediaLeftAt: on(11, 1), cloud: IN_BUCKET })).toBe('Only in your bucket');
    expect(leaving({ mediaLeftAt: on(11, 1) })).toBe('Not on this computer any more');
  });

  it('tells whoever opens one that is gone where its files are', () => {
    const recording = shownRecording({ mediaLeftAt: on(11, 20), cloud: IN_BUCKET });
    expect(goneWords(recording, { goesAt: on(11, 27) }, now, 'en-GB').text).toEqual([
      'Its 3 files are in your bucket “calls”, 3.0 MB, verified. A link opens a file in any browser.',
      'The bin has them too: they go for good on 27 November.',
    ]);
    expect(goneWords(shownRecording(), null, now).title).toBe('Not on this computer any more');
  });
});

describe('what is said before something leaves by itself', () => {
  const known = shownRecording({ cloud: IN_BUCKET, leavesAt: on(12, 12) });
  const other = recordingIdSchema.parse('00000000-0000-4000-8000-0000000000ff');

  it('says how many, when, and where they stay', () => {
    const words = noticeWords({ recordingIds: [known.id], firstAt: on(12, 12) }, [known], now, 'en-GB');
    expect(words).toEqual({
      sentence: '1 recording leaves this computer on 12 December. It stays in your bucket.',
      more: 'Talk',
    });
  });

  it('never says that the bucket keeps what it does not have', () => {
    const two = { recordingIds: [known.id, other], firstAt: on(12, 12) };
    const partly = [known, shownRecording({ id: other, leavesAt: on(12, 14) })];
    expect(noticeWords(two, partly, now, 'en-GB').sentence).toBe(
      '2 recordings leave this computer from 12 December on. The bin keeps them for 7 days more; 1 of them is in no bucket.',
    );
    expect(questionWords({ recordingIds: [other], sizeBytes: 5e9 }, partly)).toEqual({
      sentence:
        '1 recording, 5.00 GB, is old enough to leave this computer. That is a lot at once, so nothing leaves before you answer.',
      more: 'The bin keeps it for 7 days more; it is in no bucket.',
    });
  });
});

describe('what is said before something is deleted', () => {
  it('says that this is the last copy, unless the bucket has all of it', () => {
    expect(binWords(shownRecording(), false).warning).toBe('This is the last copy.');
    const mixOnly = shownRecording({ cloud: shownCloud(['verified'], { state: 'verified' }) });
    expect(binWords(mixOnly, false).warning).toContain('does not have all of it');
    const safe = binWords(shownRecording({ cloud: IN_BUCKET }), false);
    expect(safe.warning).toBeNull();
    expect(safe.text).toEqual([
      '“Talk” with 3 files, 3.0 MB. You can bring it back from the bin for 7 days; then it goes for good.',
      'Its files in your bucket stay there.',
    ]);
  });

  it('warns when the files in the bucket go with it', () => {
    expect(binWords(shownRecording({ cloud: IN_BUCKET }), true).warning).toContain('then the last copy');
    const gone = shownRecording({ cloud: IN_BUCKET, mediaLeftAt: on(11, 1) });
    expect(binWords(gone, false).warning).toBeNull();
    expect(binWords(gone, true).warning).toBe('Your bucket has the last copy of its 3 files. It goes for good.');
  });

  it('says that an upload ends with it', () => {
    const sending = shownRecording({ cloud: shownCloud(['uploading', 'queued']) });
    expect(binWords(sending, false).text).toContain('Its upload ends.');
  });

  it('says of the bucket alone whether there is another copy', () => {
    expect(removeWords(shownRecording({ cloud: IN_BUCKET }), false)).toEqual({
      text: [
        '“Talk”: 3 files, 3.0 MB, in your bucket “calls” are deleted for good. This cannot be undone.',
        'What is on this computer stays.',
      ],
      warning: null,
    });
    const gone = shownRecording({ cloud: IN_BUCKET, mediaLeftAt: on(11, 1) });
    expect(removeWords(gone, false).warning).toContain('This is the last copy');
    expect(removeWords(gone, true).warning).toContain('The bin then has the last copy');
  });
});

describe('the bin in words', () => {
  it('counts what lies in it and says when it goes', () => {
    expect([binLabel(0), binLabel(3)]).toEqual(['Bin', 'Bin (3)']);
    expect(binGoesWords({ goesAt: on(11, 29) }, now, 'en-GB')).toBe('Goes for good on 29 November');
    expect(binGoesWords({ goesAt: on(11, 22) }, now)).toBe('Goes for good soon');
  });

  it('names one entry and counts several before they go for good', () => {
    const entry = { title: '', participantNames: ['Ana'], sizeBytes: 1e9 };
    expect(emptyWords([entry]).text[0]).toContain('“Call of Ana”, 1.00 GB, cannot be brought back');
    expect(emptyWords([entry, entry]).text[0]).toContain('All 2 entries, 2.00 GB, cannot be brought back');
  });
});
