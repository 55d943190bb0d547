import { say } from './say.mjs';

/** Chromium refuses to run its sandbox as root: the extra argument that root needs, and only root. */
export function sandboxArguments(uid = process.getuid?.()) {
  return uid === 0 ? ['--no-sandbox'] : [];
}

/** Says once that the app runs without Chromium's sandbox, where that is so. */
export function sayWhenUnsandboxed() {
  if (sandboxArguments().length > 0)
    say('you are root: Electron runs with --no-sandbox (as another user the sandbox is on)');
}
