import { mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino, type DestinationStream, type Logger } from 'pino';
import { cleanError, cleanFacts, cleanRecord, cleanText } from './clean-facts.ts';

/** A log file larger than this is put aside at start, over the one put aside before. */
const ROTATE_AT_BYTES = 2 * 1024 * 1024;

/** No run writes more than this: a fault that repeats forever must not fill the disk that recordings need. */
const RUN_LIMIT_BYTES = 16 * 1024 * 1024;

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

function cleanLine({ err, ...facts }: Record<string, unknown>): Record<string, unknown> {
  return { ...cleanRecord(facts), ...(err === undefined ? {} : { err: cleanError(err) }) };
}

/** The words of a line. Without any, pino would take the error's as they are. */
function cleanWords(values: readonly unknown[]): unknown[] {
  const [first, ...rest] = values;
  if (typeof first === 'string') return values.map((each) => (typeof each === 'string' ? cleanText(each) : each));
  const facts: unknown = first instanceof Error ? { err: first } : first;
  return [facts, ...(rest.length === 0 ? ['Without words.'] : rest.map((each) => cleanFacts(each)))];
}

/** Opens the log of a profile; `close` answers when everything that was logged is in the file. */
export function openLogFile(file: string): { log: Log; close: () => Promise<void> } {
  mkdirSync(dirname(file), { recursive: true });
  putAsideWhenLarge(file);
  const destination = pino.destination({ dest: file, sync: false, mode: 0o600 });
  // A log that cannot be written must not take the app down.
  destination.on('error', () => undefined);
  const log = pino(
    {
      base: null,
      // Cleaned below already; pino's own serializer copies every field of an error.
      serializers: { err: (error: unknown) => error },
      formatters: { log: cleanLine },
      hooks: {
        logMethod(values, method) {
          Reflect.apply(method, this, cleanWords(values));
        },
      },
    },
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
