/** One event of a text/event-stream; `type` is `message` where it has no name of its own. */
export type StreamedEvent = { type: string; data: string };

/** Takes a stream apart as it comes, whatever the pieces. */
export type EventReader = {
  /** The events that are whole now. Throws when one is longer than any of ours. */
  read(text: string): StreamedEvent[];
  /** Where to come back to after a break; null before the stream said. */
  lastEventId(): string | null;
};

/** An event is a recording with all its tracks; a stream that never ends one is none of ours. */
const MAX_EVENT_CHARS = 16 * 1024 * 1024;

/** Makes a reader of a text/event-stream (https://html.spec.whatwg.org/multipage/server-sent-events.html, 9.2.6). */
export function createEventReader(): EventReader {
  let rest = '';
  let data: string[] = [];
  let type = 'message';
  let id: string | null = null;
  let lastId: string | null = null;
  let heldChars = 0;

  const takeLine = (line: string): StreamedEvent | null => {
    if (line === '') {
      // An id counts once its event has ended, also without data.
      lastId = id;
      const event = data.length === 0 ? null : { type, data: data.join('\n') };
      data = [];
      type = 'message';
      heldChars = 0;
      return event;
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'id' && !value.includes('\0')) id = value;
    if (field === 'event') type = value;
    if (field === 'data') {
      data.push(value);
      heldChars += value.length;
    }
    return null;
  };

  return {
    read(text) {
      rest += text;
      const events: StreamedEvent[] = [];
      for (;;) {
        // A carriage return at the end of a piece may be the first half of a line's end.
        const end = /\r\n|\n|\r(?!$)/.exec(rest);
        if (end === null) break;
        const event = takeLine(rest.slice(0, end.index));
        rest = rest.slice(end.index + end[0].length);
        if (event !== null) events.push(event);
      }
      if (rest.length + heldChars > MAX_EVENT_CHARS) throw new RangeError('An event is longer than any of ours.');
      return events;
    },
    lastEventId: () => lastId,
  };
}
