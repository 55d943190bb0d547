import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createFrame, ofType, openRaw } from '../support/room-sockets.ts';

const main = fileURLToPath(new URL('../../signaling/main.ts', import.meta.url));
const running: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function run(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env } });
  running.push(child);
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text));
  const exited = once(child, 'close').then(([code]: unknown[]) => code);
  return { child, output, exited, firstLine: once(createInterface(child.stdout), 'line') };
}

test.each(['SIGINT', 'SIGTERM'] as const)('it says where it is, serves, and %s closes it in order', async (signal) => {
  const { child, output, exited, firstLine } = run(['--host', '127.0.0.1', '--port', '0']);
  await firstLine;
  const address = /^Tallylight signaling server at (ws:\/\/127\.0\.0\.1:\d+)\n$/.exec(output.out)?.[1] ?? '';
  const room = await openRaw(`${address}/rooms`);
  room.send(createFrame());
  await room.next(ofType('entered'));
  child.kill(signal);
  expect((await room.next(ofType('ended'))).reason).toBe('serverGone');
  expect(await exited).toBe(0);
});

test('the environment says host and port too, and flags win', async () => {
  const { output, firstLine } = run(['--port', '0'], {
    TALLYLIGHT_SIGNALING_HOST: '127.0.0.2',
    TALLYLIGHT_SIGNALING_PORT: '1',
  });
  await firstLine;
  expect(output.out).toMatch(/ws:\/\/127\.0\.0\.2:\d{2,}/);
});

test('--help explains itself', async () => {
  const { output, exited } = run(['--help']);
  expect(await exited).toBe(0);
  expect(output.out).toContain('--port');
});

test.each([[['--port', '65536']], [['--port', 'x']], [['--prot', '1']], [['--sockets-per-address', '1']]])(
  '%j is refused with a sentence and exit code 1',
  async (args) => {
    const { output, exited } = run(args);
    expect(await exited).toBe(1);
    expect(output.err).toContain(args[0]);
    expect(output.err).not.toContain(' at ');
  },
);
