import { describe, expect, test } from 'vitest';
import { controlCallSchema } from '../../contract/control.ts';
import { errorCodeSchema } from '../../contract/errors.ts';
import { recordingEventSchema, type RecordingEvent } from '../../contract/recording.ts';
import { CliFailure, exitCodeOf, failureEnvelope } from '../../main/cli/cli-failure.ts';
import { COMMAND_WORDS } from '../../main/cli/command.ts';
import { EXIT } from '../../main/cli/exit-codes.ts';
import {
  formatCleanup,
  formatJoined,
  formatList,
  hintOfList,
  formatMarker,
  formatRunning,
  formatStatus,
} from '../../main/cli/format-answers.ts';
import { formatEvent } from '../../main/cli/format-events.ts';
import { helpText } from '../../main/cli/help.ts';
import { clock, plain, size } from '../../main/cli/words.ts';
import { viewRecording } from '../../main/control/recording-view.ts';
import { shownRecording } from '../support/shown-recording.ts';

const id = '01234567-89ab-cdef-0123-456789abcdef';
const startedAt = new Date(2026, 10, 23, 14, 5).toISOString();

const person = { id, name: 'Ana', role: 'host', microphoneOn: true, cameraOn: false, present: true, quality: null };
const call = controlCallSchema.parse({
  callId: id,
  title: 'Talk',
  inviteLink: 'tallylight://join/x',
  role: 'host',
  joinedAt: startedAt,
  participantLimit: 6,
  participants: [person, { ...person, name: 'Ben\u001b[2J', role: 'participant', present: false }],
  recording: null,
});
const withRecording = (recording: object) =>
  controlCallSchema.parse({
    ...call,
    recording: {
      recordingId: id,
      state: 'recording',
      health: { kind: 'ok' },
      elapsedMs: 62_000,
      recordedBy: 'Ana',
      ...recording,
    },
  });
const row = viewRecording(
  shownRecording({ id, callId: id, startedAt, endedAt: startedAt, durationMs: 3_723_000, sizeBytes: 1_234_567 }),
  null,
);

describe('an answer in words', () => {
  test('no call', () => {
    expect(formatStatus({ calls: [] })).toEqual(['You are in no call.']);
  });

  test('a call, with nothing in a name that could steer the terminal', () => {
    expect(formatStatus({ calls: [call] })).toEqual([
      '"Talk": 2 of 6 people, you are the host',
      'Invite link: tallylight://join/x',
      'Not recorded.',
      '  Ana (host, microphone on, camera off)',
      '  Ben [2J (microphone on, camera off, connection lost)',
    ]);
  });

  test.each([
    [{}, 'Recorded by Ana, 0:01:02, reaching the disk.'],
    [{ health: { kind: 'starting' } }, 'waiting for the first bytes on the disk.'],
    [{ health: { kind: 'degraded', cause: 'disk', message: 'No bytes for 4 s' } }, 'in trouble: No bytes for 4 s'],
    [{ state: 'paused' }, 'paused.'],
    [{ state: 'stopping' }, 'being saved.'],
  ])('a recording %j', (recording, words) => {
    expect(formatStatus({ calls: [withRecording(recording)] })[2]).toContain(words);
  });

  test('the library, a line each, and how to go on', () => {
    const line = `${id}  2026-11-23 14:05   1:02:03     1.2 MB  saved  Talk (Ana, Ben)`;
    expect(formatList({ recordings: [row], nextCursor: null })).toEqual([line]);
    expect(formatList({ recordings: [row], nextCursor: 'c1' })).toEqual([line]);
    expect(hintOfList({ recordings: [row], nextCursor: null })).toBeNull();
    expect(hintOfList({ recordings: [row], nextCursor: 'c1' })).toBe('There are more: add --cursor c1');
    expect(formatList({ recordings: [], nextCursor: null })).toEqual([]);
    expect(hintOfList({ recordings: [], nextCursor: null })).toBe('There are no such recordings.');
    const gone = { ...row, title: '', mediaLeftAt: startedAt };
    expect(formatList({ recordings: [gone], nextCursor: null })[0]).toContain('media gone  Ana, Ben');
  });

  test('what changed', () => {
    expect(formatRunning({ id: row.id, callId: row.callId, status: 'recording', startedAt })).toEqual([
      `Recording: ${id}`,
    ]);
    expect(formatRunning({ id: row.id, callId: row.callId, status: 'stopping', startedAt })).toEqual([
      `Being saved: ${id}`,
    ]);
    expect(formatMarker({ id: row.id as never, recordingId: row.id, atMs: 61_000, name: '' })).toEqual([
      'Marker at 0:01:01.',
    ]);
    expect(formatJoined(call)).toEqual(['You are in "Talk" with 1 other.']);
  });

  test('what a clean-up did and refused', () => {
    expect(
      formatCleanup({
        deleted: [row.id],
        refused: [{ recordingId: row.id, reason: 'It is pinned.' }],
        freedBytes: 5e9,
      }),
    ).toEqual(['1 recording went into the bin (5.0 GB).', `Stays: ${id}: It is pinned.`]);
    expect(formatCleanup({ deleted: [], refused: [], freedBytes: 0 })).toEqual(['Nothing went into the bin.']);
  });

  test('text of others stays on one line and harmless', () => {
    expect(plain('a\nb\u001b]0;x\u0007\u202eevil\u2028z\u009b1m')).toBe('a b ]0;x  evil z 1m');
    expect(plain('Zoë 👩‍🚀')).toBe('Zoë 👩‍🚀');
  });

  test('times and sizes', () => {
    expect([clock(0), clock(59_999), clock(3_600_000 * 27)]).toEqual(['0:00:00', '0:00:59', '27:00:00']);
    expect([size(0), size(999), size(1000), size(999_949), size(999_960), size(5e15)]).toEqual([
      '0 bytes',
      '999 bytes',
      '1.0 kB',
      '999.9 kB',
      '1.0 MB',
      '5000.0 TB',
    ]);
  });
});

describe('events in words', () => {
  const recording = shownRecording({
    id,
    callId: id,
    status: 'recording',
    startedAt,
    endedAt: null,
    durationMs: 61_000,
    sizeBytes: 0,
    participantNames: ['Ana'],
    deliverables: [],
    progress: { stage: 'mixing', fraction: 0.429 },
  });
  const types = recordingEventSchema.options.map(({ shape }) => shape.type.value);
  const event = (type: RecordingEvent['type']): RecordingEvent =>
    recordingEventSchema.parse({
      type,
      recording,
      recordingId: id,
      callId: id,
      elapsedMs: 5_000,
      health: { kind: 'ok' },
      tracks: [],
      space: null,
    });

  test.each(types)('%s is one line with its id first', (type) => {
    const line = formatEvent(event(type));
    expect(line).toMatch(/^[0-9a-f-]{36} {2}\S[^\n]+$/);
    expect(line).not.toContain('undefined');
  });

  test('no two kinds of events read alike', () => {
    expect(new Set(types.map((type) => formatEvent(event(type)))).size).toBe(types.length);
    expect(formatEvent(event('recordingProgress'))).toContain('42 %');
  });
});

describe('exit codes', () => {
  test('each kind of failure has its own, and every refusal of the app is 1 or 5', () => {
    expect(EXIT).toEqual({
      done: 0,
      refused: 1,
      misuse: 2,
      notRunning: 3,
      unreachable: 4,
      notAllowed: 5,
      interrupted: 130,
    });
    expect(exitCodeOf('MISUSE')).toBe(2);
    expect(exitCodeOf('APP_NOT_RUNNING')).toBe(3);
    expect(exitCodeOf('CONTROL_FILE_UNSAFE')).toBe(3);
    expect(exitCodeOf('APP_UNREACHABLE')).toBe(4);
    const denied = errorCodeSchema.options.filter((code) => exitCodeOf(code) !== 1);
    expect(denied).toEqual(['UNAUTHORIZED', 'FORBIDDEN', 'NOT_HOST']);
    expect(denied.map(exitCodeOf)).toEqual([5, 5, 5]);
  });

  test('every help text names all of them, and has an example', () => {
    for (const about of [null, ...COMMAND_WORDS]) {
      const text = helpText(about);
      for (const code of Object.values(EXIT)) expect(text).toMatch(new RegExp(`^ {2}${code} `, 'm'));
      expect(text).toContain('--json');
      if (about !== 'version') expect(text).toMatch(/^Examples?:\n {2}(tallylight|link=)/m);
    }
  });

  test('a failure has the shape of the control API', () => {
    expect(failureEnvelope(new CliFailure('NOT_HOST', 'Only the host.', { a: 1 }))).toEqual({
      success: false,
      error: { code: 'NOT_HOST', message: 'Only the host.', details: { a: 1 } },
    });
    expect(failureEnvelope(new CliFailure('MISUSE', 'No.'))).toEqual({
      success: false,
      error: { code: 'MISUSE', message: 'No.' },
    });
  });
});
