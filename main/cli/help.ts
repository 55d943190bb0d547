import { assertNever } from '../../contract/errors.ts';
import { recordingStatusSchema } from '../../contract/recording.ts';
import type { CommandWord } from './command.ts';

const EVERYWHERE = `Everywhere:
  --json         one JSON document on stdout: the answer's "data", or {"success": false, "error": {...}}
  --verbose      also say the code of an error
  --profile DIR  another profile folder than the usual one
  --help         what a command takes`;

const EXIT_CODES = `Exit codes:
  0    done
  1    Tallylight refused, or the file could not be written; the words say why
  2    the command is not understood
  3    Tallylight is not running, or its control API is off
       (Settings > Automation, or start it with --control-port=0)
  4    Tallylight could not be reached, or did not answer in time
  5    not allowed: only the host may, or the token is not known
  130  ended by Ctrl+C`;

const OVERVIEW = `Asks the Tallylight that runs on this computer. It listens when its control API is on:
Settings > Automation, or started with --control-port=0.

Usage: tallylight COMMAND [OPTIONS]

  start     start a call and print its invite link; opens Tallylight when it is not running
  join      join the call of an invite link
  record    start, stop, pause or resume recording, or drop a marker
  status    the call, its people and its recording
  list      the recordings
  export    copy a finished file of a recording
  end       end the call for all
  leave     leave the call
  cleanup   move old recordings into the bin
  events    follow what happens to recordings, a line each
  help      this, or what a command takes
  version   the version

${EVERYWHERE}

Examples:
  tallylight start --title "Interview with Ben"
  tallylight record start && sleep 60 && tallylight record stop
  tallylight list --from 2026-11-01 --json

${EXIT_CODES}`;

/** The help text of a command, or of all. */
export function helpText(about: CommandWord | null): string {
  return about === null || about === 'help' ? `${OVERVIEW}\n` : `${topic(about)}\n\n${EVERYWHERE}\n\n${EXIT_CODES}\n`;
}

function topic(about: Exclude<CommandWord, 'help'>): string {
  switch (about) {
    case 'start':
      return `Usage: tallylight start [--title TITLE] [--name NAME]

Starts a call with you as its host and prints its invite link, and nothing else. Opens Tallylight first when it is not
running, and waits up to 30 seconds for it.

  --title TITLE  what the call is called
  --name NAME    your name in it; without it the one of the settings

Examples:
  tallylight start --title "Interview with Ben"
  link=$(tallylight start --name Ana)`;
    case 'join':
      return `Usage: tallylight join LINK [--name NAME] [--consent]

Joins the call of an invite link.

  --name NAME    your name in it; without it the one of the settings
  --consent      you agree to be recorded; a call that is being recorded is not joined without it

Example:
  tallylight join 'tallylight://join/...' --name Ben --consent`;
    case 'record':
      return `Usage: tallylight record start|stop|pause|resume
       tallylight record mark [--name NAME]

Records the call that you host. "stop" answers when capturing has ended; saving goes on behind it, and
"tallylight events" says when it is done. "mark" drops a marker at this instant.

  --name NAME    what the marker is called

Examples:
  tallylight record start
  tallylight record mark --name "Good answer"
  tallylight record stop --json`;
    case 'status':
      return `Usage: tallylight status

The call that you are in: its people, how their connections are, and whether the recording reaches the disk.

Example:
  tallylight status --json`;
    case 'list':
      return `Usage: tallylight list [--status STATUS] [--from DAY] [--to DAY] [--query TEXT] [--limit N] [--cursor C]

The recordings, newest first, one a line; the id comes first.

  --status STATUS  one of ${recordingStatusSchema.options.join(', ')}
  --from DAY       begun on this day or later: 2026-11-23, or 2026-11-23T14:00 (with or without a zone)
  --to DAY         begun on this day or earlier
  --query TEXT     in the title, the people or the markers
  --limit N        up to 200; 50 without it
  --cursor C       the next page: what the page before said at its end

Examples:
  tallylight list --query Ben --limit 5
  tallylight list --status completed --from 2026-11-01 --json`;
    case 'export':
      return `Usage: tallylight export ID --out FILE [--format mp4|webm|mkv] [--track TRACK] [--force]

Copies a finished file of a recording: the one that is there, or an MP4 that is made now. FILE is there whole or not at
all, and is on the disk when the command ends.

  --out FILE     the file to write
  --format F     mp4, webm or mkv; without it the ending of FILE says which
  --track TRACK  one person's file instead of the mix; the ids are in "tallylight list --json"
  --force        replace FILE when it is there

Example:
  tallylight export 0192b3c4-5d6e-7f80-9a1b-2c3d4e5f6071 --format mp4 --out interview.mp4`;
    case 'end':
      return `Usage: tallylight end

Ends the call for all; a running recording is stopped and saved. Only the host may.

Example:
  tallylight end`;
    case 'leave':
      return `Usage: tallylight leave

Leaves the call. When you are its host, it ends for all.

Example:
  tallylight leave`;
    case 'cleanup':
      return `Usage: tallylight cleanup --older-than AGE

Moves recordings that ended longer ago into the bin, as far as they may go, and says what stays and why. They can be
brought back for seven days.

  --older-than AGE  30d, 12h, 90m, 45s, or milliseconds

Examples:
  tallylight cleanup --older-than 30d
  tallylight cleanup --older-than 12h --json`;
    case 'events':
      return `Usage: tallylight events

Follows what happens to recordings, one line each, until Ctrl+C or until Tallylight is closed. After a break of the
connection it goes on where it stood. With --json each line is an event. With --verbose it says on stderr when it
listens.

Examples:
  tallylight events
  tallylight events --json | grep recordingCompleted`;
    case 'version':
      return `Usage: tallylight version

The version of this command.`;
    default:
      return assertNever(about);
  }
}
