import { isCommandWord } from '../cli/command.ts';

/** The options of the command line that may stand in front of the command; what else stands there is for Chromium. */
const LEADING = ['--json', '--verbose', '--help', '-h', '--version'];

/** Those that are a question by themselves. */
const ASKS = ['--help', '-h', '--version'];

/**
 * Takes a command out of the app's own arguments: its first one that is no switch must be a command word, else the app is
 * opened as always (null). With `defaultApp` the first such argument is the folder of the app (`electron FOLDER ...`).
 */
export function commandOfArguments(argv: readonly string[], { defaultApp }: { defaultApp: boolean }): string[] | null {
  const own = argv.slice(1);
  if (defaultApp) own.splice(0, own.findIndex((arg) => !arg.startsWith('-')) + 1);
  const at = own.findIndex((arg) => !arg.startsWith('-'));
  const word = own[at];
  const leading = own.filter((arg, place) => (at === -1 || place < at) && LEADING.includes(arg));
  if (word === undefined) return leading.some((arg) => ASKS.includes(arg)) ? leading : null;
  return isCommandWord(word) ? [...leading, ...own.slice(at)] : null;
}
