/**
 * An app of its own that records with a given program in FFmpeg's place, says `ready` when the journal names that program, and
 * waits to be killed: `node liar-recorder.ts <folder> <program>`.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { nodeMediaFiles } from '../../main/media/media-files.ts';
import { createMediaJobs } from '../../main/recording/media-jobs.ts';
import { launcher } from '../support/ffmpeg-fixtures.ts';
import { makeHarness } from '../support/recorder-harness.ts';
import { beginTake } from './liar-take.ts';

const [folder = '', program = ''] = process.argv.slice(2);
const jobs = createMediaJobs({ ffmpeg: async () => launcher(program), files: nodeMediaFiles });
const harness = await makeHarness({ folder, jobs });
const recording = await beginTake(harness);
const journal = join(recording.folder, 'journal.jsonl');
const untilMs = performance.now() + 10_000;
// One that ends at once is not named.
while (performance.now() < untilMs && !(await readFile(journal, 'utf8')).includes('"kind":"process"')) await pause(20);
process.stdout.write('ready\n');
// Nothing of its own may end it, nor what it started.
setInterval(() => undefined, 1_000);
