import { homedir } from 'node:os';
import { isAlive } from '../control/is-alive.ts';
import { EXIT } from './exit-codes.ts';
import { profileFolderOf } from './profile-folder.ts';
import { runCli, type CliPorts } from './run-cli.ts';
import type { Launch } from './start-app.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const NO_DISPLAY = { impossible: 'Tallylight is not running, and there is no display to open it on.' };

/** What differs between the two ways to the command line. */
export type ProcessOptions = {
  version: string;
  /** How to open the app on a profile; null: on the usual one. */
  launch: (profileFolder: string | null) => Launch;
  /** Another place of the profile than Electron's own. */
  profileFolder: string | null;
};

/** Runs a command line on this process's streams and signals; answers with its exit code, everything written. */
export async function runInProcess(args: readonly string[], options: ProcessOptions): Promise<number> {
  const interruption = new AbortController();
  // A second Ctrl+C must not cut off tidying up, so all of them count as one.
  const interrupt = (): void => interruption.abort();
  for (const signal of SIGNALS) process.on(signal, interrupt);
  const { write, failed } = writer(process.stdout);
  // Whoever reads may stop reading (| head): then there is nothing left to do.
  void failed.then(interrupt);
  process.stderr.on('error', () => undefined);
  const { stderr } = process;

  try {
    const code = await runCli(args, {
      version: options.version,
      launch: (chosen) => (hasDisplay() ? options.launch(chosen) : NO_DISPLAY),
      cwd: process.cwd(),
      profileFolder:
        options.profileFolder ??
        profileFolderOf({ platform: process.platform, environment: process.env, homeFolder: homedir() }),
      uid: process.getuid?.() ?? null,
      isAlive,
      out: write,
      err: (text) => void stderr.write(text),
      progress: stderr.isTTY ? (text) => void stderr.write(`\r\u001b[K${text}`) : null,
      signal: interruption.signal,
    });
    return code;
  } catch (error) {
    stderr.write(`Tallylight's command line failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT.refused;
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}

function writer(stream: NodeJS.WriteStream): { write: CliPorts['out']; failed: Promise<void> } {
  const failed = new Promise<void>((resolve) => stream.on('error', () => resolve()));
  const write = async (text: string): Promise<void> => {
    const written = new Promise<void>((resolve) => {
      stream.write(text, () => resolve());
    });
    await Promise.race([written, failed]);
  };
  return { write, failed };
}

/** Whether windows can be opened: elsewhere than on Linux always. */
function hasDisplay(): boolean {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}
