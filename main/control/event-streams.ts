import type { ServerResponse } from 'node:http';
import { AppError } from '../../contract/errors.ts';
import type { RecordingEvent } from '../../contract/recording.ts';
import { COMMON_HEADERS } from './answer.ts';
import type { ControlLimits } from './control-limits.ts';
import type { EventLog } from './event-log.ts';
import { letLast } from './slow-peers.ts';

/** How long a reader waits before it comes back, milliseconds (WHATWG HTML, 9.2.5: the field `retry`). */
const COME_BACK_MS = 2_000;

type Reader = {
  response: ServerResponse;
  /** Number of the event that it gets next. */
  next: number;
  /** Whether it has heard of everything: from then on it must keep up. */
  caughtUp: boolean;
  /** Whether bytes waited for it at the last beat, and none were taken since. */
  stuck: boolean;
};

/** The open streams of events. */
export type EventStreams = {
  /** Keeps an event and tells every reader. */
  publish(event: RecordingEvent): void;
  /** Answers with a stream; RATE_LIMITED when there are too many. */
  open(response: ServerResponse, lastEventId: string | null): void;
  /** Ends every stream. */
  end(): void;
};

/** Makes the streams over a log of events. */
export function createEventStreams(
  log: EventLog,
  limits: Pick<ControlLimits, 'maxStreams' | 'heartbeatMs' | 'maxWaitingBytes'>,
): EventStreams {
  const readers = new Set<Reader>();
  let beat: NodeJS.Timeout | undefined;

  const drop = (reader: Reader): void => {
    readers.delete(reader);
    if (readers.size > 0) return;
    clearInterval(beat);
    beat = undefined;
  };

  const cut = (reader: Reader): void => {
    drop(reader);
    reader.response.destroy();
  };

  /** Hands over what the reader has not got; what was kept in pieces, so that a reader who comes back is not cut for it. */
  const pump = (reader: Reader): void => {
    const { response } = reader;
    while (reader.next <= log.last()) {
      if (!reader.caughtUp && response.writableNeedDrain) return;
      // What waits from before, so that no single event is too large for a reader that keeps up.
      if (reader.caughtUp && response.writableLength > limits.maxWaitingBytes) {
        cut(reader);
        return;
      }
      if (reader.next < log.first()) {
        response.write(gapText(log));
        reader.next = log.first();
      }
      const event = log.at(reader.next);
      if (event === null) return;
      response.write(event.text);
      reader.next += 1;
    }
    reader.caughtUp = true;
  };

  const beatAll = (): void => {
    for (const reader of readers) {
      const waits = reader.response.writableLength > 0;
      if (waits && reader.stuck) {
        cut(reader);
        continue;
      }
      reader.stuck = waits;
      if (!waits) reader.response.write(': alive\n\n');
    }
  };

  return {
    publish(event) {
      log.append(event);
      for (const reader of readers) pump(reader);
    },
    open(response, lastEventId) {
      if (readers.size >= limits.maxStreams) {
        throw new AppError('RATE_LIMITED', 'Too many streams of events are open.', {
          retryable: true,
          details: { retryAfterSeconds: 1 },
        });
      }
      const { next, gap } = log.resume(lastEventId);
      const reader: Reader = { response, next, caughtUp: false, stuck: false };
      letLast(response);
      response.writeHead(200, { ...COMMON_HEADERS, 'content-type': 'text/event-stream; charset=utf-8' });
      // An id without data sets where a reader comes back to, also when no event reached it before it was cut off.
      response.write(`retry: ${COME_BACK_MS}\nid: ${log.idOf(next - 1)}\n\n${gap ? gapText(log) : ''}`);
      readers.add(reader);
      response.on('drain', () => {
        reader.stuck = false;
        if (readers.has(reader)) pump(reader);
      });
      response.once('close', () => drop(reader));
      response.on('error', () => cut(reader));
      beat ??= setInterval(beatAll, limits.heartbeatMs);
      beat.unref();
      pump(reader);
    },
    end() {
      for (const { response } of readers) {
        const waits = response.writableLength > 0;
        response.end();
        // Who does not read would keep the connection.
        if (waits) response.destroy();
        else response.socket?.destroySoon();
      }
      readers.clear();
      clearInterval(beat);
      beat = undefined;
    },
  };
}

/** Tells that events are missing here; the id of what came before the oldest one that is kept. */
function gapText(log: EventLog): string {
  return `id: ${log.idOf(log.first() - 1)}\nevent: gap\ndata: {}\n\n`;
}
