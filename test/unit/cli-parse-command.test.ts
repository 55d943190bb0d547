import { describe, expect, it, test } from 'vitest';
import { formatInviteLink } from '../../contract/invite.ts';
import { callIdSchema } from '../../contract/ids.ts';
import { COMMAND_WORDS } from '../../main/cli/command.ts';
import { parseCommand } from '../../main/cli/parse-command.ts';

const id = '01234567-89ab-cdef-0123-456789abcdef';
const link = formatInviteLink({
  callId: callIdSchema.parse(id),
  server: 'ws://127.0.0.1:9000',
  token: 'a'.repeat(40),
});

const command = (...args: string[]) => {
  const invocation = parseCommand(args);
  if (invocation.kind !== 'run') throw new Error(JSON.stringify(invocation));
  return invocation.command;
};

const complaint = (...args: string[]) => {
  const invocation = parseCommand(args);
  if (invocation.kind !== 'misuse') throw new Error(JSON.stringify(invocation));
  return invocation.message;
};

describe('a command', () => {
  test('start takes a title and a name, and neither', () => {
    expect(command('start')).toEqual({ kind: 'start', title: '', name: null });
    expect(command('start', '--title', ' Talk ', '--name=Ana')).toEqual({ kind: 'start', title: 'Talk', name: 'Ana' });
  });

  test('join takes a link, and consent only when it is said', () => {
    expect(command('join', link)).toEqual({ kind: 'join', link, name: null, consented: false });
    expect(command('join', '--consent', link, '--name', 'Ben')).toMatchObject({ consented: true, name: 'Ben' });
  });

  test.each(['start', 'stop', 'pause', 'resume'] as const)('record %s', (action) => {
    expect(command('record', action)).toEqual({ kind: 'record', action });
  });

  test('record mark may have a name', () => {
    expect(command('record', 'mark')).toEqual({ kind: 'mark', name: '' });
    expect(command('record', 'mark', '--name', 'Good')).toEqual({ kind: 'mark', name: 'Good' });
  });

  test.each(['status', 'end', 'leave', 'events'] as const)('%s takes nothing', (kind) => {
    expect(command(kind)).toEqual({ kind });
  });

  test('list asks for 50 of all, or for what is said, whole days included', () => {
    expect(command('list')).toEqual({ kind: 'list', query: { limit: 50 } });
    const day = (hours: number, ms: number) => new Date(2026, 10, 23, hours, ms === 0 ? 0 : 59, ms === 0 ? 0 : 59, ms);
    const asked = 'list --status completed --from 2026-11-23 --to 2026-11-23 --query Ben --limit 7 --cursor abc'.split(
      ' ',
    );
    expect(command(...asked)).toEqual({
      kind: 'list',
      query: {
        status: 'completed',
        from: day(0, 0).toISOString(),
        to: day(23, 999).toISOString(),
        q: 'Ben',
        limit: 7,
        cursor: 'abc',
      },
    });
    expect(command('list', '--from', '2026-11-23T14:00+02:00')).toMatchObject({
      query: { from: '2026-11-23T12:00:00.000Z' },
    });
  });

  test('export takes its format from the file unless it is said', () => {
    expect(command('export', id, '--out', 'a/b.MKV')).toEqual({
      kind: 'export',
      recordingId: id,
      format: 'mkv',
      trackId: null,
      out: 'a/b.MKV',
      force: false,
    });
    expect(command('export', id, '--format', 'mp4', '--out', 'x', '--track', id, '--force')).toMatchObject({
      format: 'mp4',
      trackId: id,
      force: true,
    });
  });

  test.each([
    ['30d', 30 * 86_400_000],
    ['12h', 12 * 3_600_000],
    ['90m', 90 * 60_000],
    ['45s', 45_000],
    ['250ms', 250],
    ['250', 250],
    ['0', 0],
  ])('cleanup --older-than %s', (age, maxAgeMs) => {
    expect(command('cleanup', '--older-than', age)).toEqual({ kind: 'cleanup', maxAgeMs });
  });

  test('the options of every command may stand before and behind it', () => {
    const options = { json: true, verbose: true, profile: 'p' };
    for (const args of [
      ['--json', '--profile', 'p', '--verbose', 'status'],
      ['status', '--verbose', '--profile=p', '--json'],
    ]) {
      expect(parseCommand(args)).toEqual({ kind: 'run', command: { kind: 'status' }, options });
    }
  });
});

describe('help and version', () => {
  test.each(COMMAND_WORDS.filter((word) => word !== 'help'))('%s explains itself in three ways', (about) => {
    for (const args of [
      [about, '--help'],
      [about, '-h'],
      ['help', about],
    ]) {
      expect(parseCommand(args)).toEqual({ kind: 'help', about });
    }
  });

  test('help and version alone', () => {
    for (const args of [['--help'], ['-h'], ['help']])
      expect(parseCommand(args)).toEqual({ kind: 'help', about: null });
    for (const args of [['--version'], ['-v'], ['version']]) expect(parseCommand(args)).toEqual({ kind: 'version' });
  });
});

describe('what is no command', () => {
  it.each([
    [[], 'A command is missing.'],
    [['--json'], 'A command is missing.'],
    [['recrod'], 'There is no command "recrod".'],
    [['help', 'x'], 'There is no command "x".'],
    [['record'], '"record" is followed by start, stop, pause, resume or mark.'],
    [['record', 'begin'], 'not by "begin"'],
    [['record', 'start', '--name', 'x'], 'Only "record mark" takes --name.'],
    [['record', 'start', 'now'], '"now" is one word too many.'],
    [['status', '--limit', '3'], '"status" does not take --limit.'],
    [['status', '--version'], '"status" does not take --version.'],
    [['list', '--limt', '3'], "Unknown option '--limt'."],
    [['list', '--limit'], 'argument missing'],
    [['status', '--json=yes'], "'--json'"],
    [['status', '--profile='], '--profile is followed by a folder.'],
    [['join'], '"join" is followed by LINK.'],
    [['join', 'https://example.org'], 'not a Tallylight invite link'],
    [['start', '--name', ''], '1 to 80'],
    [['start', '--name', 'x'.repeat(81)], '1 to 80'],
    [['start', '--title', 'x'.repeat(201)], '200'],
    [['record', 'mark', '--name', 'x'.repeat(201)], '200'],
    [['list', '--status', 'done'], 'completed'],
    [['list', '--from', '1'], '--from takes a day'],
    [['list', '--from', '2026-02-30'], '--from takes a day'],
    [['list', '--to', 'tomorrow'], '--to takes a day'],
    [['list', '--limit', '0'], '1 to 200'],
    [['list', '--limit', '201'], '1 to 200'],
    [['list', '--limit', ''], '1 to 200'],
    [['list', '--limit', '1.5'], '1 to 200'],
    [['export', '--out', 'a.mp4'], '"export" is followed by ID.'],
    [['export', '../../etc', '--out', 'a.mp4'], 'not the id of a recording'],
    [['export', id], '--out is missing'],
    [['export', id, '--out', 'a.avi'], 'mp4, webm, mkv'],
    [['export', id, '--out', 'a.mp4', '--format', 'MP4'], 'mp4, webm, mkv'],
    [['export', id, '--out', 'a.mp4', '--track', 'x'], 'not the id of a track'],
    [['cleanup'], '--older-than is missing'],
    [['cleanup', '--older-than', '-1'], '--older-than'],
    [['cleanup', '--older-than', '30 days'], '--older-than takes an age'],
    [['cleanup', '--older-than', '999999999999999d'], '--older-than takes an age'],
  ])('%j is told in words', (args, words) => {
    expect(complaint(...args)).toContain(words);
  });

  it('knows which command was meant, and whether JSON was asked for', () => {
    expect(parseCommand(['list', '--limt', '3', '--json'])).toMatchObject({
      kind: 'misuse',
      about: 'list',
      json: true,
    });
    expect(parseCommand(['recrod'])).toMatchObject({ kind: 'misuse', about: null, json: false });
  });
});
