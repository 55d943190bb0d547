/** What the app's arguments say of the control API. */
export type ControlArgument =
  /** As the settings have it. */
  | { kind: 'none' }
  /** On for this run; 0 picks a free port. */
  | { kind: 'port'; port: number }
  | { kind: 'refused'; message: string };

const SWITCH = '--control-port';

/** Reads `--control-port=PORT`; the last one counts, as Chromium has it for its own switches. */
export function controlOfArguments(args: readonly string[]): ControlArgument {
  const last = args.findLast((arg) => arg === SWITCH || arg.startsWith(`${SWITCH}=`));
  if (last === undefined) return { kind: 'none' };
  const text = last.slice(SWITCH.length + 1);
  const port = /^\d{1,5}$/.test(text) ? Number(text) : null;
  if (port !== null && port <= 65_535) return { kind: 'port', port };
  return { kind: 'refused', message: `${SWITCH} takes a port from 0 to 65535, as in ${SWITCH}=0 (a free one).` };
}
