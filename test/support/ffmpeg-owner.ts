/**
 * An app of its own that starts a program as it starts FFmpeg, prints who that is, and ends as told when its input ends:
 * `node ffmpeg-owner.ts <program> <waits|exits|throws>`.
 */
import { launcher } from './ffmpeg-fixtures.ts';

const [program = '', end = 'waits'] = process.argv.slice(2);
launcher(program).start(
  { args: [], input: { kind: 'stream' } },
  { stallMs: null, onProcess: (identity) => void process.stdout.write(`${JSON.stringify(identity)}\n`) },
);
process.stdin.resume();
process.stdin.on('end', () => {
  if (end === 'throws') throw new Error('As asked.');
  process.exit(0);
});
