import { describe, expect, test } from 'vitest';
import { createEventReader } from '../../main/cli/event-stream.ts';

const stream = [
  'retry: 2000\nid: a-0\n\n',
  'id: a-1\nevent: recordingStarted\ndata: {"x":\ndata: 1}\n\n',
  ': alive\n\n',
  'id: a-2\r\ndata: two\r\n\r\n',
  'id: a-3\rdata: three\r\r',
  'event: gap\ndata\n\n',
  'id: a-9\ndata: half',
].join('');

const wanted = [
  { type: 'recordingStarted', data: '{"x":\n1}' },
  { type: 'message', data: 'two' },
  { type: 'message', data: 'three' },
  { type: 'gap', data: '' },
];

describe('a stream of events', () => {
  test.each([1, 2, 3, 7, 1000])('gives the same events in pieces of %i characters', (length) => {
    const reader = createEventReader();
    const events = [];
    for (let at = 0; at < stream.length; at += length) events.push(...reader.read(stream.slice(at, at + length)));
    expect(events).toEqual(wanted);
    // An event that has not ended is not one to come back behind.
    expect(reader.lastEventId()).toBe('a-3');
  });

  test('an id without data is where to come back to', () => {
    const reader = createEventReader();
    expect(reader.lastEventId()).toBeNull();
    expect(reader.read('id: a-0\n\n')).toEqual([]);
    expect(reader.lastEventId()).toBe('a-0');
  });

  test('an event that never ends is given up', () => {
    const reader = createEventReader();
    const piece = `data: ${'x'.repeat(1024 * 1024)}\n`;
    expect(() => {
      for (let count = 0; count < 20; count += 1) reader.read(piece);
    }).toThrow(RangeError);
  });
});
