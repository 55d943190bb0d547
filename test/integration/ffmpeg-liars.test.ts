import { expect, test } from 'vitest';
import { faceLiar } from '../faults/ffmpeg-liars.ts';
import { liars } from '../faults/liar-programs.ts';

// Two that are quick; all of them face the app in test/faults.
test.each(
  liars.filter(
    ({ name }) => name.startsWith('says all is well and writes garbage') || name.startsWith('starts a child'),
  ),
)(
  'an FFmpeg that $name never completes a recording, leaves nothing running, and another one completes it',
  async (liar) => {
    expect((await faceLiar(liar)).faults).toEqual([]);
  },
);
