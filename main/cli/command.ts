import type { ControlQuery } from '../../contract/control-routes.ts';
import type { RecordingId, TrackId } from '../../contract/ids.ts';
import type { FileFormat } from '../../contract/recording.ts';

/** What a person may ask of the running app on a command line. */
export type Command =
  | { kind: 'start'; title: string; name: string | null }
  | { kind: 'join'; link: string; name: string | null; consented: boolean }
  | { kind: 'record'; action: 'start' | 'stop' | 'pause' | 'resume' }
  | { kind: 'mark'; name: string }
  | { kind: 'status' }
  | { kind: 'list'; query: ControlQuery<'listRecordings'> }
  | {
      kind: 'export';
      recordingId: RecordingId;
      format: FileFormat;
      trackId: TrackId | null;
      /** Where the file goes, as it was typed. */
      out: string;
      force: boolean;
    }
  | { kind: 'end' }
  | { kind: 'leave' }
  | { kind: 'cleanup'; maxAgeMs: number }
  | { kind: 'events' };

/** How to answer, and which app to ask. */
export type AnswerOptions = {
  json: boolean;
  verbose: boolean;
  /** Another profile folder than the usual one, as it was typed. */
  profile: string | null;
};

/** The first words that make arguments a command. */
export const COMMAND_WORDS = [
  'start',
  'join',
  'record',
  'status',
  'list',
  'export',
  'end',
  'leave',
  'cleanup',
  'events',
  'help',
  'version',
] as const;
export type CommandWord = (typeof COMMAND_WORDS)[number];

/** Whether a word begins a command. */
export function isCommandWord(word: string): word is CommandWord {
  return COMMAND_WORDS.some((each) => each === word);
}
