import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { installWithApt } from './apt.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';
import { SetupError } from './setup-error.mjs';

const startLimitMs = 20_000;

/** Whether windows can be opened on this machine as it is. */
export function hasDisplay(env = process.env, platform = process.platform) {
  return platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** Whether Xvfb, a display without a screen, can be started. */
export async function hasXvfb() {
  return (await run('Xvfb', ['-help'], { timeoutMs: 10_000 })).code === 0;
}

/** Installs Xvfb where there is no display (and xauth, with which xvfb-run works). */
export async function ensureXvfb() {
  if (await hasXvfb()) return;
  await installWithApt(['xvfb', 'xauth'], 'a display without a screen');
  if (!(await hasXvfb())) throw new SetupError('Xvfb does not start', 'apt-get install -y xvfb xauth');
}

/**
 * Runs `work` with the environment of a display: the one that is there, else an Xvfb of our own that ends with the
 * work.
 */
export async function withDisplay(work, env = process.env) {
  if (hasDisplay(env)) return await work(env);
  const { display, end } = await startXvfb(env);
  try {
    return await work({ ...env, DISPLAY: display });
  } finally {
    await end();
  }
}

async function startXvfb(env) {
  // -displayfd: the server picks a free number itself and reports it, so that runs beside each other do not collide.
  const args = ['-displayfd', '3', '-screen', '0', '1920x1080x24', '-nolisten', 'tcp', '-noreset'];
  const server = spawn('Xvfb', args, { env, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const ended = once(server, 'exit').catch(() => undefined);
  let complaint = '';
  server.stderr.on('data', (data) => (complaint = (complaint + data).slice(-2_000)));
  const number = await new Promise((resolve) => {
    let text = '';
    const timer = setTimeout(() => resolve(undefined), startLimitMs);
    const settle = (value) => {
      clearTimeout(timer);
      resolve(value);
    };
    server.stdio[3].on('data', (data) => {
      text += data;
      if (text.endsWith('\n')) settle(text.trim());
    });
    server.once('error', () => settle(undefined));
    server.once('exit', () => settle(undefined));
  });
  const kill = () => server.kill('SIGTERM');
  if (number === undefined) {
    kill();
    throw new SetupError(`Xvfb did not start: ${complaint.trim()}`, 'apt-get install -y xvfb xauth');
  }
  process.once('exit', kill);
  say(`no display here: using Xvfb on :${number}`);
  const end = async () => {
    process.off('exit', kill);
    kill();
    await ended;
  };
  return { display: `:${number}`, end };
}
