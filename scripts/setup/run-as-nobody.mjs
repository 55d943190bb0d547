import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './run.mjs';

const nobodyId = 65_534;

// Debian keeps it where root's own PATH looks; a bare environment does not.
const debianRunuser = '/usr/sbin/runuser';
const runuser = existsSync(debianRunuser) ? debianRunuser : 'runuser';

/**
 * The command line that runs a program as an unprivileged user with a home folder of its own, so that Chromium's sandbox
 * is on: unchanged where we are not root; undefined where root cannot do it (no runuser, or files nobody may read).
 * The environment passes through, so a DISPLAY in it is used.
 */
export async function commandAsNobody(command, args, { readable = [] } = {}) {
  const home = await mkdtemp(join(tmpdir(), 'tallylight-nobody-'));
  if (process.getuid?.() !== 0) return { command, args, home };
  await chmod(home, 0o700);
  await chown(home, nobodyId, nobodyId);
  const asNobody = [
    '-u',
    'nobody',
    '--',
    'env',
    `HOME=${home}`,
    `XDG_CONFIG_HOME=${home}/.config`,
    `XDG_CACHE_HOME=${home}/.cache`,
    `XDG_RUNTIME_DIR=${home}`,
  ];
  for (const path of [...readable, ...(command.includes('/') ? [command, dirname(command)] : [])]) {
    const { code } = await run(runuser, [...asNobody, 'test', '-r', path]);
    if (code !== 0) return undefined;
  }
  return { command: runuser, args: [...asNobody, command, ...args], home };
}
