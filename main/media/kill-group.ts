/** Sends a signal to a process group of POSIX; a group that is gone or not ours is no error. */
export function killGroup(group: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-group, signal);
  } catch {
    // ESRCH: nobody is left. EPERM: all that is left are remains (macOS), or it never was ours.
  }
}
