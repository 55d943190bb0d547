import { app } from 'electron';
import { runInProcess } from '../cli/run-in-process.ts';

/** What of this process the command line does not see by itself. */
export type CommandLineOptions = {
  /** Chromium's --user-data-dir; empty without it. */
  profileFolder: string;
  /** The variables that the app had at its start: an app that is opened now gets them all. */
  environment: Readonly<Record<string, string | undefined>>;
};

/**
 * Runs a command of the packaged app, asking the one that runs; answers with the exit code. Nothing here waits for the
 * app to be ready, asks for its lock or its profile: it works without a display and does not disturb.
 */
export function runCommandLine(
  args: readonly string[],
  { profileFolder, environment }: CommandLineOptions,
): Promise<number> {
  const folder = profileFolder === '' ? null : profileFolder;
  return runInProcess(args, {
    version: app.getVersion(),
    profileFolder: folder,
    launch: (chosen) => {
      const profile = chosen ?? folder;
      return {
        // An AppImage's own program is gone from its place once this process ends.
        command: environment['APPIMAGE'] || process.execPath,
        args: [
          ...(app.commandLine.hasSwitch('no-sandbox') ? ['--no-sandbox'] : []),
          ...(app.isPackaged ? [] : [app.getAppPath()]),
          '--control-port=0',
          ...(profile === null ? [] : [`--user-data-dir=${profile}`]),
        ],
        environment,
      };
    },
  });
}
