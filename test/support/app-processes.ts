import { readdir, readFile, readlink } from 'node:fs/promises';

/** A page's process of an app, as the system has it. */
export type PageProcess = {
  user: string | undefined;
  seccomp: string | undefined;
  noNewPrivileges: string | undefined;
  switchedOff: boolean;
};

async function commandLines(): Promise<{ pid: string; command: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => ({ pid, command: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') })),
  );
}

/** What the system says of the page processes of an app, by its profile. */
export async function renderersOf(profile: string): Promise<PageProcess[]> {
  const found: PageProcess[] = [];
  for (const { pid, command } of await commandLines()) {
    if (!command.includes('--type=renderer') || !command.includes(profile)) continue;
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const field = (name: string) => new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1];
    found.push({
      user: field('Uid'),
      seccomp: field('Seccomp'),
      noNewPrivileges: field('NoNewPrivs'),
      switchedOff: command.includes('--no-sandbox'),
    });
  }
  return found;
}

/** The TCP ports on which an app listens, with their addresses (hexadecimal, as the system has them), by its profile. */
export async function listeningPorts(profile: string): Promise<{ address: string; port: number }[]> {
  const sockets = new Set<string>();
  for (const { pid, command } of await commandLines()) {
    if (!command.includes(profile)) continue;
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined) sockets.add(inode);
    }
  }
  // proc(5): local address, remote address, state (0A: listening), ..., inode as the tenth field.
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  return tables
    .join('\n')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A' && sockets.has(fields[9] ?? ''))
    .map((fields) => {
      const [address = '', port = ''] = (fields[1] ?? '').split(':');
      return { address, port: Number.parseInt(port, 16) };
    });
}
