import { spawn } from 'node:child_process';
import { childEnvironment, ownGroup } from './child-environment.ts';
import { endWithApp, systemProcesses } from './system-processes.ts';

const maxAnswerChars = 1024 * 1024;
// A grandchild that left the process group may hold the pipe open.
const pipeClosesWithinMs = 500;
// After SIGKILL only a system that hangs keeps a program.
const goneWithinMs = 2_000;

/** Runs a program to its end and gives what it wrote; rejects when it fails, says too much or takes too long. */
export async function askProgram(path: string, args: readonly string[], answerWithinMs: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(path, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: ownGroup,
    windowsHide: true,
    env: childEnvironment(),
  });
  const pid = child.pid ?? 0;
  const forget = child.pid === undefined ? () => undefined : endWithApp(child.pid);
  let refusal: Error | null = null;
  const timers: NodeJS.Timeout[] = [];
  const giveUp = (message: string): void => {
    refusal ??= new Error(message);
    systemProcesses.signalTree(pid, 'SIGKILL');
    timers.push(setTimeout(reject, goneWithinMs, refusal));
  };
  timers.push(setTimeout(() => giveUp(`It did not answer within ${answerWithinMs} ms.`), answerWithinMs));

  let answer = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text) => {
    answer += String(text);
    if (answer.length <= maxAnswerChars) return;
    answer = '';
    child.stdout.destroy();
    giveUp('It says more than such an answer can be long.');
  });
  child.on('error', reject);
  child.on('exit', (code, signal) => {
    systemProcesses.killLeftovers(pid);
    timers.push(setTimeout(() => child.stdout.destroy(), pipeClosesWithinMs));
    child.once('close', () => {
      if (refusal !== null) reject(refusal);
      else if (code === 0) resolve(answer);
      else reject(new Error(`Command failed ${code === null ? `by ${signal}` : `with exit code ${code}`}.`));
    });
  });
  try {
    return await promise;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) forget();
    else child.once('exit', forget);
  }
}
