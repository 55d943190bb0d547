import type { RecordingEvent } from '../../contract/recording.ts';

/** One event as it goes over the wire. */
export type LoggedEvent = { number: number; text: string; sizeBytes: number };

/** Where a reader goes on, and whether something of what it wants is not here any more. */
export type Resume = { next: number; gap: boolean };

/** The newest events of one run of the API, numbered from 1. */
export type EventLog = {
  append(event: RecordingEvent): void;
  /** The event with this number; null when it is not here yet, or any more. */
  at(number: number): LoggedEvent | null;
  /** Number of the oldest one here; one more than `last` when there is none. */
  first(): number;
  last(): number;
  /** Where to go on after the id that a reader has; null: a reader that comes for the first time, and hears what happens from now on. */
  resume(lastEventId: string | null): Resume;
  /** The id of an event for readers. */
  idOf(number: number): string;
};

/** Makes an empty log; `run` names this run of the API, in words that fit in an id. */
export function createEventLog(run: string, limits: { maxEvents: number; maxEventBytes: number }): EventLog {
  let events: LoggedEvent[] = [];
  let dropped = 0;
  let last = 0;
  let sizeBytes = 0;

  const first = (): number => last - (events.length - dropped) + 1;

  const dropOldest = (): void => {
    sizeBytes -= events[dropped]?.sizeBytes ?? 0;
    dropped += 1;
    // Moved seldom: each event is copied once on average.
    if (dropped <= events.length / 2) return;
    events = events.slice(dropped);
    dropped = 0;
  };

  return {
    append(event) {
      last += 1;
      const text = `id: ${run}-${last}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
      const entry = { number: last, text, sizeBytes: Buffer.byteLength(text) };
      events.push(entry);
      sizeBytes += entry.sizeBytes;
      while (events.length - dropped > limits.maxEvents || sizeBytes > limits.maxEventBytes) dropOldest();
    },
    at: (number) => (number < first() ? null : (events[dropped + number - first()] ?? null)),
    first,
    last: () => last,
    resume(lastEventId) {
      if (lastEventId === null) return { next: last + 1, gap: false };
      const number = numberOf(lastEventId, run);
      // An id of another run, of no run, or of a time to come: whatever is here comes after it.
      if (number === null || number > last) return { next: first(), gap: true };
      const next = number + 1;
      return next < first() ? { next: first(), gap: true } : { next, gap: false };
    },
    idOf: (number) => `${run}-${number}`,
  };
}

function numberOf(id: string, run: string): number | null {
  if (!id.startsWith(`${run}-`)) return null;
  const digits = id.slice(run.length + 1);
  return /^(0|[1-9]\d{0,14})$/.test(digits) ? Number(digits) : null;
}
