import { parseArgs } from 'node:util';
import { fileFormatSchema } from '../../contract/recording.ts';
import { benchCall } from './call.ts';
import { benchControl } from './control.ts';
import { benchFinish } from './finish.ts';
import { benchCpu, benchMemory } from './load.ts';
import { benchUpload } from './upload.ts';

const help = `npm run bench -- finish [--minutes 60] [--runs 3] [--format mp4]
    Records that long through the real recorder in plain Node (about 1 GB an hour: a mix and two tracks) and measures
    Stop to playable and Stop to completed, beside cp and an FFmpeg stream copy of the same bytes.
npm run bench -- call [--people 2] [--seconds 20] [--format mp4] [--runs 1]
    Records real calls between real apps and measures what their files hold.
npm run bench -- cpu [--people 2] [--seconds 20] [--runs 1]
    Processor time of the host in one call: without recording, recording the tracks alone, and with the mix.
npm run bench -- memory [--people 2] [--seconds 300] [--runs 1]
    Memory of the host's main process and window while it records that long.
npm run bench -- upload [--megabytes 2048] [--repeat 5]
    Throughput, memory and event-loop delay of one upload to an S3 server (radosgw) on this machine, beside the provider's library.
npm run bench -- control [--people 1] [--seconds 60] [--runs 3] [--short]
    Latency of the control API at 200 requests a second while a real app records a call of one or two, and what the call
    notices; with --short 10 s, once.
One JSON object per line on stdout; temporary files are removed.
`;

/** A whole number of at least one, as a person wrote it. */
function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`--${name} must be a number above 0.`);
  return value;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '60' },
    people: { type: 'string' },
    seconds: { type: 'string' },
    runs: { type: 'string' },
    megabytes: { type: 'string', default: '2048' },
    repeat: { type: 'string', default: '5' },
    format: { type: 'string', default: 'mp4' },
    short: { type: 'boolean', default: false },
  },
});
const format = fileFormatSchema.parse(values.format);
const [bench] = positionals;
if (bench === 'finish') {
  await benchFinish({
    minutes: count('minutes', values.minutes),
    repeats: count('runs', values.runs ?? '3'),
    format,
  });
} else if (bench === 'call') {
  await benchCall({
    people: count('people', values.people ?? '2'),
    seconds: count('seconds', values.seconds ?? '20'),
    runs: count('runs', values.runs ?? '1'),
    format,
  });
} else if (bench === 'upload') {
  await benchUpload({ megabytes: count('megabytes', values.megabytes), repeats: count('repeat', values.repeat) });
} else if (bench === 'control') {
  await benchControl({
    seconds: count('seconds', values.seconds ?? (values.short ? '10' : '60')),
    runs: count('runs', values.runs ?? (values.short ? '1' : '3')),
    people: Math.min(2, count('people', values.people ?? '1')),
  });
} else if (bench === 'cpu' || bench === 'memory') {
  const measure = bench === 'cpu' ? benchCpu : benchMemory;
  await measure({
    people: count('people', values.people ?? '2'),
    seconds: count('seconds', values.seconds ?? (bench === 'cpu' ? '20' : '300')),
    runs: count('runs', values.runs ?? '1'),
  });
} else {
  process.stderr.write(help);
  process.exitCode = 2;
}
