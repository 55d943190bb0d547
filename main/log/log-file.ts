import { mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino, type DestinationStream, type Logger } from 'pino';

/** A log file larger than this is put aside at start, over the one put aside before. */
const ROTATE_AT_BYTES = 2 * 1024 * 1024;

/** No run writes more than this: a fault that repeats forever must not fill the disk that recordings need. */
const RUN_LIMIT_BYTES = 16 * 1024 * 1024;

/** Never in a log, wherever they turn up: whoever has them can enter a call or use a server. */
const SECRET_PATHS = [
  'token',
  'secret',
  'credential',
  'link',
  'inviteLink',
  'peerToken',
  'ticket',
  'invite',
  'iceServers',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** What other rooms need of a log: an object of facts, then a sentence. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** Passes lines on until a number of bytes was written, then says so once and stays silent. */
export function limitBytes(target: DestinationStream, limitBytes: number): DestinationStream {
  let writtenBytes = 0;
  return {
    write(line) {
      if (writtenBytes > limitBytes) return;
      writtenBytes += Buffer.byteLength(line);
      if (writtenBytes <= limitBytes) target.write(line);
      else target.write(`${JSON.stringify({ level: 40, time: Date.now(), msg: 'The log of this run is full.' })}\n`);
    },
  };
}

function putAsideWhenLarge(file: string): void {
  try {
    if (statSync(file).size > ROTATE_AT_BYTES) renameSync(file, `${file}.1`);
  } catch {
    // No log yet.
  }
}

/** Opens the log of a profile; `close` answers when everything that was logged is in the file. */
export function openLogFile(file: string): { log: Log; close: () => Promise<void> } {
  mkdirSync(dirname(file), { recursive: true });
  putAsideWhenLarge(file);
  const destination = pino.destination({ dest: file, sync: false, mode: 0o600 });
  // A log that cannot be written must not take the app down.
  destination.on('error', () => undefined);
  const log = pino(
    { base: null, redact: { paths: SECRET_PATHS, censor: '[secret]' } },
    limitBytes(destination, RUN_LIMIT_BYTES),
  );
  return {
    log,
    close: () =>
      new Promise((resolve) => {
        destination.once('close', resolve);
        destination.once('error', () => resolve());
        destination.end();
      }),
  };
}
