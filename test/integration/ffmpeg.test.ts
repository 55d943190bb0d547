import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FfmpegSpec } from '../../main/media/argv.ts';
import type { FfmpegOutcome } from '../../main/media/ffmpeg.ts';
import type { MediaError } from '../../main/media/media-error.ts';
import type { FfmpegProgress } from '../../main/media/progress.ts';
import { systemProcesses } from '../../main/media/system-processes.ts';
import { isAlive, launcher, makeTestFolder, writeFakeFfmpeg } from '../support/ffmpeg-fixtures.ts';

let folder: Awaited<ReturnType<typeof makeTestFolder>>;
beforeAll(async () => {
  folder = await makeTestFolder();
});
afterAll(() => folder.remove());

const plain = (...args: string[]): FfmpegSpec => ({ args, input: { kind: 'none' } });

async function errorOf(outcome: Promise<FfmpegOutcome>): Promise<MediaError> {
  const ended = await outcome;
  if (ended.ok) throw new Error('It was taken for a success.');
  return ended.error;
}

test('the process gets exactly our arguments and nobody asks it anything before', async () => {
  const path = await writeFakeFfmpeg(
    folder.path,
    'records',
    `import('node:fs').then(({ appendFileSync }) =>
       appendFileSync(process.argv[1] + '.log', JSON.stringify(process.argv.slice(2)) + '\\n'))`,
  );
  const args = ['-i', 'file:/a b/-c %d.mkv', "it's", '', '-acodec', 'libfaac', '-f', 'no such format', 'ü "x" $HOME'];
  await launcher(path).run(plain(...args));
  expect(await readFile(`${path}.log`, 'utf8')).toBe(`${JSON.stringify(args)}\n`);
});

test('two launchers with different programs never mix them up', async () => {
  const good = await writeFakeFfmpeg(folder.path, 'good', 'process.exit(0)');
  const bad = await writeFakeFfmpeg(folder.path, 'bad', 'process.exit(7)');
  const outcomes = await Promise.all([good, bad, good, bad].map((path) => launcher(path).start(plain()).done));
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true, false]);
});

test('text goes to the standard input and ends there', async () => {
  const path = await writeFakeFfmpeg(
    folder.path,
    'reads',
    `import('node:fs').then(({ readFileSync, writeFileSync }) =>
       writeFileSync(process.argv[1] + '.got', readFileSync(0)))`,
  );
  await launcher(path).run({ args: [], input: { kind: 'text', text: 'ffconcat version 1.0\n' } });
  expect(await readFile(`${path}.got`, 'utf8')).toBe('ffconcat version 1.0\n');
});

test('a failure carries the exit code and the last twenty lines, each of bounded length', async () => {
  const path = await writeFakeFfmpeg(
    folder.path,
    'fails',
    `for (let i = 1; i <= 30; i += 1) console.error('line ' + i);
     console.error('y'.repeat(5000));
     process.exitCode = 3;`,
  );
  const error = await errorOf(launcher(path).start(plain()).done);
  expect(error.code).toBe('FFMPEG_FAILED');
  expect(error.details['exitCode']).toBe(3);
  const lines = String(error.details['stderrTail']).split('\n');
  expect(lines).toHaveLength(20);
  expect(lines[0]).toBe('line 12');
  expect(lines[19]).toBe('y'.repeat(500));
});

test('endless output without a line end ends as the failure it is, in little memory', async () => {
  const path = await writeFakeFfmpeg(
    folder.path,
    'floods',
    `const block = 'z'.repeat(1 << 20); let left = 64;
     const more = () => { if (left-- > 0) process.stderr.write(block, more); else process.exit(1); };
     more();`,
  );
  const before = process.memoryUsage().heapUsed;
  const error = await errorOf(launcher(path).start(plain()).done);
  expect(error.details['stderrTail']).toBe('z'.repeat(500));
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(48 * 1024 * 1024);
});

test('a program that is killed from outside is a failure with the signal', async () => {
  const path = await writeFakeFfmpeg(folder.path, 'dies', `process.kill(process.pid, 'SIGKILL')`);
  const error = await errorOf(launcher(path).start(plain()).done);
  expect(error.code).toBe('FFMPEG_FAILED');
  expect(error.details['signal']).toBe('SIGKILL');
});

test.each([
  ['is not there', 'missing', null],
  ['is a folder', 'folder', 'folder'],
  ['may not be executed', 'text', 'text'],
])('a program that %s is FFMPEG_MISSING', async (_name, name, kind) => {
  const path = join(folder.path, name);
  if (kind === 'folder') await mkdir(path);
  if (kind === 'text') await writeFile(path, 'not a program', { mode: 0o644 });
  const process = launcher(path).start(plain());
  expect(process.pid).toBeNull();
  expect((await errorOf(process.done)).code).toBe('FFMPEG_MISSING');
});

test('an argument that no process can be given is a typed failure, not a throw', async () => {
  const path = await writeFakeFfmpeg(folder.path, 'never', 'process.exit(0)');
  expect((await errorOf(launcher(path).start(plain('a\0b')).done)).code).toBe('FFMPEG_MISSING');
});

const hangs = `process.stdout.write('progress=continue\\n'); setInterval(() => {}, 1000);`;

test('an abort ends the process and is reported when it is gone', async () => {
  const path = await writeFakeFfmpeg(folder.path, 'hangs', hangs);
  const controller = new AbortController();
  const process = launcher(path).start(plain(), { signal: controller.signal, onProgress: () => controller.abort() });
  expect((await errorOf(process.done)).code).toBe('FFMPEG_ABORTED');
  expect(isAlive(process.pid ?? 0)).toBe(false);
});

test('a process that ignores SIGTERM is killed all the same', async () => {
  const path = await writeFakeFfmpeg(folder.path, 'ignores', `process.on('SIGTERM', () => {}); ${hangs}`);
  const controller = new AbortController();
  const process = launcher(path, { killAfterMs: 50 }).start(plain(), {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  expect((await errorOf(process.done)).code).toBe('FFMPEG_ABORTED');
  expect(isAlive(process.pid ?? 0)).toBe(false);
});

test('nothing is started for a signal that has fired before', async () => {
  const path = await writeFakeFfmpeg(
    folder.path,
    'marks',
    `require('node:fs').writeFileSync(process.argv[1] + '.ran', '')`,
  );
  await expect(launcher(path).run(plain(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'FFMPEG_ABORTED',
  });
  await expect(readFile(`${path}.ran`)).rejects.toThrow(/ENOENT/);
});

test('a process that reports without getting on is FFMPEG_STALLED and gone', async () => {
  const path = await writeFakeFfmpeg(
    folder.path,
    'stands',
    `setInterval(() => process.stdout.write('out_time=00:00:01.000000\\ntotal_size=5\\nprogress=continue\\n'), 20);`,
  );
  const process = launcher(path).start(plain(), { stallMs: 400 });
  expect((await errorOf(process.done)).code).toBe('FFMPEG_STALLED');
  expect(isAlive(process.pid ?? 0)).toBe(false);
});

test('a slow process that gets on is let alone', async () => {
  const path = await writeFakeFfmpeg(
    folder.path,
    'plods',
    `let n = 0; setInterval(() => { n += 1;
       process.stdout.write('out_time=00:00:0' + n + '.000000\\nprogress=continue\\n'); if (n === 9) process.exit(0); }, 300);`,
  );
  const seen: FfmpegProgress[] = [];
  await launcher(path).run(plain(), { stallMs: 2000, onProgress: (progress) => seen.push(progress) });
  expect(seen.map(({ outTimeMs }) => outTimeMs)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((second) => second * 1000));
});

test('a process that takes longer than it may is FFMPEG_STALLED', async () => {
  const path = await writeFakeFfmpeg(
    folder.path,
    'late',
    `let n = 0; setInterval(() => process.stdout.write('total_size=' + n++ + '\\nprogress=continue\\n'), 20);`,
  );
  const error = await errorOf(launcher(path).start(plain(), { timeoutMs: 500 }).done);
  expect(error.code).toBe('FFMPEG_STALLED');
  expect(error.message).toContain('500 ms');
});

test.each([
  ['its program ends', 'process.exit(5)', 5],
  ['its program is killed', 'setInterval(() => {}, 1000)', undefined],
])('a grandchild that holds the pipes and ignores SIGTERM is gone when %s', async (_name, ending, exitCode) => {
  const path = await writeFakeFfmpeg(
    folder.path,
    `forks ${exitCode}`,
    `const script = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.send('ready')";
     const options = { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] };
     const child = require('node:child_process').spawn(process.execPath, ['-e', script], options);
     child.on('message', () => { console.error('grandchild ' + child.pid); console.log('progress=continue'); ${ending}; });`,
  );
  const pids: number[] = [];
  const controller = new AbortController();
  const running = launcher(path, { killAfterMs: 100 }).start(plain(), {
    signal: exitCode === undefined ? controller.signal : undefined,
    onProgress: () => controller.abort(),
    onProcess: ({ pid }) => pids.push(pid),
  });
  const outcome = await running.done;
  expect(outcome).toMatchObject({ ok: false, error: { code: exitCode === 5 ? 'FFMPEG_FAILED' : 'FFMPEG_ABORTED' } });
  expect(pids).toEqual([running.pid]);
  // The group has the number of its first process; nobody of it may be left.
  await expect.poll(() => systemProcesses.cpuMsOf(running.pid ?? 0)).toBeNull();
});

test('a program that only talks is ended before it costs much', async () => {
  const path = await writeFakeFfmpeg(
    folder.path,
    'talks',
    `const block = ('nonsense '.repeat(20) + '\\n').repeat(1000); const more = () => process.stderr.write(block, more); more();`,
  );
  const running = launcher(path).start(plain());
  const error = await errorOf(running.done);
  expect(error).toMatchObject({ code: 'FFMPEG_FAILED', retryable: true });
  expect(error.message).toContain('without getting on');
  expect(isAlive(running.pid ?? 0)).toBe(false);
});

test('a program that computes without reporting growth is given more time, but not for ever', async () => {
  const path = await writeFakeFfmpeg(folder.path, 'computes', 'for (;;);');
  const running = launcher(path, { killAfterMs: 50 }).start(plain(), { stallMs: 400 });
  const error = await errorOf(running.done);
  expect(error.code).toBe('FFMPEG_STALLED');
  expect(Number(/for (\d+) ms/.exec(error.message)?.[1])).toBeGreaterThanOrEqual(1500);
});

test('a run that goes wrong is told, one that is given up is not', async () => {
  const faults: string[] = [];
  const onFault = (error: MediaError): void => void faults.push(error.code);
  const bad = await writeFakeFfmpeg(folder.path, 'bad', 'process.exit(7)');
  const slow = await writeFakeFfmpeg(folder.path, 'slow', hangs);
  await launcher(bad, { onFault }).start(plain()).done;
  await launcher(join(folder.path, 'gone'), { onFault }).start(plain()).done;
  await launcher(slow, { onFault }).start(plain(), { signal: AbortSignal.abort() }).done;
  expect(faults).toEqual(['FFMPEG_FAILED', 'FFMPEG_MISSING']);
});
