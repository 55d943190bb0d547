import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { ProcessSystem } from './processes.ts';

/** Processes of Windows: read through PowerShell, ended as a tree through taskkill. */
export const windowsProcesses: ProcessSystem = {
  startOf: (pid) => ask(pid, '$p.StartTime.ToFileTimeUtc()'),
  cpuMsOf: async (pid) => {
    const answer = await ask(pid, '[long]$p.TotalProcessorTime.TotalMilliseconds');
    return answer === null ? null : Number(answer);
  },
  isOurs: async () => true,
  hasTree: async (pid) => (await ask(pid, '$p.Id')) !== null,
  // A program without a window knows no polite signal, and only taskkill knows a tree.
  signalTree: (pid, signal) => {
    const taskkill = inSystem('taskkill.exe');
    const args = ['/pid', String(pid), '/T', '/F'];
    const options = { windowsHide: true, timeout: 5_000 };
    if (signal === 'SIGTERM') execFile(taskkill, args, options, () => undefined);
    else spawnSync(taskkill, args, { ...options, stdio: 'ignore' });
  },
  // There are no groups: with the root gone nothing names what it left.
  killLeftovers: () => undefined,
};

/** A whole number about a process; null when it is gone. */
function ask(pid: number, what: string): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  execFile(
    inSystem(join('WindowsPowerShell', 'v1.0', 'powershell.exe')),
    [
      '-NoLogo',
      '-NoProfile',
      '-NonInteractive',
      '-Command',
      `$p = Get-Process -Id ${pid} -ErrorAction Stop; "$(${what})"`,
    ],
    { timeout: 10_000, windowsHide: true },
    (error, stdout) => resolve(error === null && /^\d{1,20}\s*$/.test(stdout) ? stdout.trim() : null),
  );
  return promise;
}

function inSystem(file: string): string {
  return join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', file);
}
