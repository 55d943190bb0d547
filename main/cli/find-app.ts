import { CliFailure } from './cli-failure.ts';
import { readControlFile, type ControlFilePorts, type FoundControl } from './control-file.ts';
import { createControlClient, type ControlClient } from './control-client.ts';

const HOW_TO_TURN_ON = 'Turn it on in Settings > Automation, or start Tallylight with --control-port=0.';

/** Finds the running app of a profile. Throws APP_NOT_RUNNING, or CONTROL_FILE_UNSAFE. */
export async function findApp(
  profileFolder: string,
  ports: ControlFilePorts,
  signal: AbortSignal,
): Promise<ControlClient> {
  const found = await readControlFile(profileFolder, ports);
  if (found.kind !== 'found') throw notFound(found);
  return createControlClient(found.file, signal);
}

function notFound(found: Exclude<FoundControl, { kind: 'found' }>): CliFailure {
  if (found.kind === 'unsafe') return new CliFailure('CONTROL_FILE_UNSAFE', found.message);
  return found.kind === 'stale'
    ? new CliFailure('APP_NOT_RUNNING', `Tallylight is not running. "tallylight start" starts it with a call.`)
    : new CliFailure('APP_NOT_RUNNING', `Tallylight is not running, or its control API is off. ${HOW_TO_TURN_ON}`);
}

/** The app runs (it would not let a second one start), and nobody can talk to it. */
export function controlIsOff(): CliFailure {
  return new CliFailure('APP_NOT_RUNNING', `Tallylight is running, but its control API is off. ${HOW_TO_TURN_ON}`);
}
