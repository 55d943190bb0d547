import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { assertNever } from '../../contract/errors.ts';
import { isCommandWord, type AnswerOptions, type Command, type CommandWord } from './command.ts';
import {
  Misuse,
  readAge,
  readExport,
  readLink,
  readListQuery,
  readMarkerName,
  readName,
  readRecordingId,
  readTitle,
} from './read-values.ts';

/** What a command line asks for. */
export type Invocation =
  | { kind: 'run'; command: Command; options: AnswerOptions }
  | { kind: 'help'; about: CommandWord | null }
  | { kind: 'version' }
  /** `json` as far as it could be read: the complaint has the shape that was asked for. */
  | { kind: 'misuse'; message: string; about: CommandWord | null; json: boolean };

/** Every option of every command: each means the same wherever it stands. */
const OPTIONS = {
  json: { type: 'boolean' },
  verbose: { type: 'boolean' },
  profile: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  title: { type: 'string' },
  name: { type: 'string' },
  consent: { type: 'boolean' },
  status: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  query: { type: 'string' },
  limit: { type: 'string' },
  cursor: { type: 'string' },
  format: { type: 'string' },
  track: { type: 'string' },
  out: { type: 'string' },
  force: { type: 'boolean' },
  'older-than': { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;
type OptionName = keyof typeof OPTIONS;

const EVERYWHERE: readonly OptionName[] = ['json', 'verbose', 'profile', 'help'];

type Shape = { options: readonly OptionName[]; words: readonly string[] };

/** What each command takes besides. */
const SHAPES: Record<CommandWord, Shape> = {
  start: { options: ['title', 'name'], words: [] },
  join: { options: ['name', 'consent'], words: ['LINK'] },
  record: { options: ['name'], words: ['start, stop, pause, resume or mark'] },
  status: { options: [], words: [] },
  list: { options: ['status', 'from', 'to', 'query', 'limit', 'cursor'], words: [] },
  export: { options: ['format', 'track', 'out', 'force'], words: ['ID'] },
  end: { options: [], words: [] },
  leave: { options: [], words: [] },
  cleanup: { options: ['older-than'], words: [] },
  events: { options: [], words: [] },
  help: { options: [], words: [] },
  version: { options: [], words: [] },
};

/** Turns arguments (without those of Node or the app) into a command, or says what is wrong with them. */
export function parseCommand(args: readonly string[]): Invocation {
  const about = args.find(isCommandWord) ?? null;
  try {
    const { values, positionals } = split(args);
    const [word, ...words] = positionals;
    if (word === undefined) {
      if (values.help === true) return { kind: 'help', about: null };
      if (values.version === true) return { kind: 'version' };
      throw new Misuse('A command is missing.');
    }
    if (!isCommandWord(word)) throw new Misuse(`There is no command "${word}".`);
    if (word === 'help') return helpAbout(words);
    if (values.help === true) return { kind: 'help', about: word };
    checkShape(word, values, words);
    if (word === 'version') return { kind: 'version' };
    const { json, verbose, profile } = values;
    if (profile === '') throw new Misuse('--profile is followed by a folder.');
    return {
      kind: 'run',
      command: commandOf(word, values, words[0] ?? ''),
      options: { json: json === true, verbose: verbose === true, profile: profile ?? null },
    };
  } catch (error) {
    if (error instanceof Misuse)
      return { kind: 'misuse', message: error.message, about, json: args.includes('--json') };
    throw error;
  }
}

export type Values = ReturnType<typeof split>['values'];

function split(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Its first sentence is fit for people, what follows is about dashes.
    const [first = ''] = error.message.split(/\. To specify|\n/);
    throw new Misuse(first.endsWith('.') ? first : `${first}.`);
  }
}

function checkShape(word: CommandWord, values: Values, words: readonly string[]): void {
  const { options, words: wanted } = SHAPES[word];
  const surplusOption = Object.keys(values).find((name) => ![...EVERYWHERE, ...options].some((each) => each === name));
  if (surplusOption !== undefined) throw new Misuse(`"${word}" does not take --${surplusOption}.`);
  const missing = wanted[words.length];
  if (missing !== undefined) throw new Misuse(`"${word}" is followed by ${missing}.`);
  const surplus = words[wanted.length];
  if (surplus !== undefined) throw new Misuse(`"${surplus}" is one word too many.`);
}

function helpAbout([about]: readonly string[]): Invocation {
  if (about === undefined) return { kind: 'help', about: null };
  if (!isCommandWord(about)) throw new Misuse(`There is no command "${about}".`);
  return { kind: 'help', about };
}

function commandOf(word: Exclude<CommandWord, 'help' | 'version'>, values: Values, first: string): Command {
  switch (word) {
    case 'start':
      return { kind: 'start', title: readTitle(values.title), name: readName(values.name) };
    case 'join':
      return {
        kind: 'join',
        link: readLink(first),
        name: readName(values.name),
        consented: values.consent === true,
      };
    case 'record':
      return recordCommand(first, values.name);
    case 'status':
    case 'end':
    case 'leave':
    case 'events':
      return { kind: word };
    case 'list':
      return { kind: 'list', query: readListQuery(values) };
    case 'export':
      return { kind: 'export', recordingId: readRecordingId(first), ...readExport(values) };
    case 'cleanup':
      return { kind: 'cleanup', maxAgeMs: readAge(values['older-than']) };
    default:
      return assertNever(word);
  }
}

function recordCommand(action: string, name: string | undefined): Command {
  if (action === 'mark') return { kind: 'mark', name: readMarkerName(name) };
  if (action !== 'start' && action !== 'stop' && action !== 'pause' && action !== 'resume') {
    throw new Misuse(`"record" is followed by start, stop, pause, resume or mark, not by "${action}".`);
  }
  if (name !== undefined) throw new Misuse('Only "record mark" takes --name.');
  return { kind: 'record', action };
}
