import { spawn } from 'node:child_process';

const maxCapturedChars = 1_000_000;

/**
 * Runs a command without a shell or stdin and answers with its exit code (127 when it cannot be started, 124 after
 * timeoutMs) and its output; with `showOutput` what it prints also goes to our stderr.
 */
export function run(command, args, { timeoutMs = 60_000, env = process.env, cwd, showOutput = false } = {}) {
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    // A group of its own, so that the time limit also ends what the command started.
    const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const end = () => killGroup(child.pid, 'SIGKILL');
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, timeoutMs);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    // Ended by a signal, we must not leave an npm behind that still writes node_modules.
    const quit = (signal) => {
      end();
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    process.once('exit', end);
    for (const signal of signals) process.once(signal, quit);
    child.stdout.on('data', (data) => {
      stdout = (stdout + data).slice(-maxCapturedChars);
      if (showOutput) process.stderr.write(data);
    });
    child.stderr.on('data', (data) => {
      stderr = (stderr + data).slice(-maxCapturedChars);
      if (showOutput) process.stderr.write(data);
    });
    const settle = (code) => {
      clearTimeout(timer);
      process.off('exit', end);
      for (const signal of signals) process.off(signal, quit);
      resolve({ code, stdout, stderr });
    };
    child.once('error', (error) => {
      stderr += error.message;
      settle(127);
    });
    child.once('close', (code) => settle(timedOut ? 124 : (code ?? 1)));
  });
}

/**
 * Runs a command in the foreground, passes our signals on to it and answers with its exit code; after timeoutMs it is
 * ended together with everything it started, and the code is 124.
 */
export function runForeground(command, args, { env = process.env, cwd, stdio = 'inherit', timeoutMs } = {}) {
  return new Promise((resolve, reject) => {
    let timedOut = false;
    const child = spawn(command, args, { env, cwd, stdio, detached: timeoutMs !== undefined });
    const pass = (signal) => {
      if (timeoutMs === undefined) child.kill(signal);
      else killGroup(child.pid, signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, pass);
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            killGroup(child.pid, 'SIGKILL');
          }, timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, pass);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      settle();
      // What the command left running must not outlive it when it was given a limit.
      if (timeoutMs !== undefined) killGroup(child.pid, 'SIGKILL');
      resolve(timedOut ? 124 : (code ?? (signal === 'SIGINT' ? 130 : 143)));
    });
  });
}

function killGroup(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Everybody in the group has ended.
  }
}
