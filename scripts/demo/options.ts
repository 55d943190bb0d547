import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { fileFormatSchema, type FileFormat } from '../../contract/recording.ts';
import { MESH_PARTICIPANT_LIMIT } from '../../contract/settings.ts';

export type DemoOptions = {
  people: number;
  /** How long to record, seconds; 0 records until SIGINT. */
  seconds: number;
  format: FileFormat;
  /** Recordings folder; null means a fresh folder below the system's temporary folder. */
  out: string | null;
  /** Fake device files, given to host, guest, guest, ... in turn. */
  videos: string[];
  audios: string[];
  keepProfiles: boolean;
};

/** Another start of an app on a profile that an earlier demo kept. */
export type ReopenOptions = {
  /** Folder of the profile, absolute. */
  reopen: string;
};

export const DEMO_USAGE = `npm run demo -- [options]
  --people N          host and N-1 guests, 1 to ${MESH_PARTICIPANT_LIMIT} (default 2)
  --seconds N         how long to record; 0 = until Ctrl+C (default 15)
  --format F          webm, mp4 or mkv (default mp4)
  --out DIR           recordings folder (default: a new folder in the temporary folder)
  --video A,B         .y4m or .mjpeg files used as cameras, one per person in turn
  --audio A,B         .wav files used as microphones, one per person in turn
  --keep-profiles     leave the apps' profiles on disk and say where they are
  --reopen PROFILE    instead of all that: start the app on a profile that was kept, wait until every recording is saved,
                      and tell what the Library holds
`;

const list = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .filter((part) => part !== '')
    .map((part) => resolve(part));

function wholeNumber(text: string, name: string, min: number, max: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new Error(`--${name} takes a whole number from ${min} to ${max}, not "${text}"`);
  return value;
}

/** Reads the demo's command line; throws an Error whose message is meant for the person who typed it. */
export function parseDemoOptions(argv: string[]): DemoOptions | ReopenOptions | 'help' {
  const { values } = parseArgs({
    args: argv,
    options: {
      people: { type: 'string', default: '2' },
      seconds: { type: 'string', default: '15' },
      format: { type: 'string', default: 'mp4' },
      out: { type: 'string' },
      video: { type: 'string' },
      audio: { type: 'string' },
      'keep-profiles': { type: 'boolean', default: false },
      reopen: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.reopen !== undefined) {
    if (values.reopen === '') throw new Error('--reopen takes the folder of a profile');
    if (argv.some((each) => each.startsWith('--') && !/^--reopen(=|$)/.test(each))) {
      throw new Error('--reopen takes everything from the profile: it goes with no other option');
    }
    return { reopen: resolve(values.reopen) };
  }
  const format = parseUntrusted(fileFormatSchema, values.format);
  if (!format.success) throw new Error(`--format takes webm, mp4 or mkv, not "${values.format}"`);
  return {
    people: wholeNumber(values.people, 'people', 1, MESH_PARTICIPANT_LIMIT),
    seconds: wholeNumber(values.seconds, 'seconds', 0, 86_400),
    format: format.data,
    out: values.out === undefined ? null : resolve(values.out),
    videos: list(values.video),
    audios: list(values.audio),
    keepProfiles: values['keep-profiles'],
  };
}
