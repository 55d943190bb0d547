import { expect, test } from 'vitest';
import { recordingIdSchema } from '../../contract/ids.ts';
import { binName, goneName, isBegunDeletion, parseBinName } from '../../main/recording/bin-names.ts';

const id = recordingIdSchema.parse('00000000-0000-4000-8000-000000000010');

test('a name says whose it is, what it is, and when it was put there', () => {
  for (const kind of ['recording', 'media'] as const) {
    const entry = { recordingId: id, binnedWallMs: 1_700_000_000_123, kind };
    expect(parseBinName(binName(entry))).toEqual(entry);
    expect(isBegunDeletion(binName(entry))).toBe(false);
    expect(parseBinName(goneName(binName(entry)))).toBeNull();
    expect(isBegunDeletion(goneName(binName(entry)))).toBe(true);
  }
  expect(isBegunDeletion(`${id}.${id}`)).toBe(true);
});

test.each([
  'notes',
  String(id),
  `${id}.1.recording.old`,
  `${id}.-1.recording`,
  `${id}.1e3.media`,
  `${id}.1.thumbnails`,
  `../${id}.1.media`,
  `${id}.1.media/..`,
  `${id}.9999999999999999.media`,
  'x.gone',
  '.gone',
])('%s is nothing that the app named', (name) => {
  expect(parseBinName(name)).toBeNull();
  expect(isBegunDeletion(name)).toBe(false);
});
