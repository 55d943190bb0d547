import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { controlRoutes } from '../../contract/control-routes.ts';
import { CONTROL_FILE, CONTROL_HOST, controlFileSchema } from '../../contract/control.ts';
import { recordingEventSchema } from '../../contract/recording.ts';
import { writeFinishedRecording } from '../support/finished-recording.ts';
import { runCli, startCli } from '../support/run-cli.ts';
import { callState, capture, Person, statusOf } from '../support/windowless-app.ts';

let root = '';
let people: Person[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tallylight-cli-app-'));
  people = [];
});
afterEach(async () => {
  for (const person of people) await person.close();
  await rm(root, { recursive: true, force: true });
});

const profileOf = (name: string) => join(root, name, 'profile');

/** An app whose control API is on, as somebody switches it on in the settings. */
async function start(name: string): Promise<Person> {
  const person = await Person.start(root, name);
  people.push(person);
  await person.ask('settings.update', { displayName: name, controlEnabled: true });
  await person.until((told) =>
    told.find((each) => (each.name === 'control.changed' && each.payload.state === 'on' ? each : undefined)),
  );
  return person;
}

/** What a command printed, which must be the one JSON document of this route's data. */
async function data<T extends z.ZodType>(schema: T, args: readonly string[], name: string): Promise<z.output<T>> {
  const { code, out, err } = await runCli([...args, '--json'], profileOf(name));
  expect({ args, code, err }).toEqual({ args, code: 0, err: '' });
  return schema.parse(JSON.parse(out));
}

const controlFile = async (name: string) =>
  controlFileSchema.parse(JSON.parse(await readFile(join(profileOf(name), CONTROL_FILE), 'utf8')));

describe('a call by command line', () => {
  test('is started, joined, recorded, marked, ended and exported, each answer as the app gives it', async () => {
    const [ana, ben] = [await start('Ana'), await start('Ben')];
    const link = await runCli(['start', '--title', 'Monday'], profileOf('Ana'));
    expect(link).toEqual({ code: 0, out: expect.stringMatching(/^tallylight:\/\/join\/\S+\n$/), err: '' });
    const joined = await runCli(['join', link.out.trim()], profileOf('Ben'));
    expect(joined).toEqual({ code: 0, out: 'You are in "Monday" with 1 other.\n', err: '' });
    await callState(ana, (call) => call?.participants.length === 2);

    const started = await data(controlRoutes.startRecording.data, ['record', 'start'], 'Ana');
    await ana.ask('recording.attach', { recordingId: started.id, clockMs: 1000 });
    const closeMix = await capture(ana, started.id, null, [{ lane: 'av', file: 'mix-h264.mkv' }]);
    const marker = await data(controlRoutes.addMarker.data, ['record', 'mark', '--name', 'Good'], 'Ana');
    expect(marker).toMatchObject({ recordingId: started.id, name: 'Good' });

    const status = await runCli(['status'], profileOf('Ana'));
    expect(status.out).toMatch(/^"Monday": 2 of 6 people, you are the host\nInvite link: tallylight:/);
    expect(status.out).toContain('\nRecorded by Ana, 0:00:');
    expect(status.out).toContain('\n  Ana (host, ');
    expect(status.out).toContain('\n  Ben (');

    const stopping = data(controlRoutes.stopRecording.data, ['record', 'stop'], 'Ana');
    await statusOf(ana, 'stopping');
    await closeMix();
    expect((await stopping).id).toBe(started.id);
    await statusOf(ana, 'completed');

    const { recordings } = await data(controlRoutes.listRecordings.data, ['list', '--query', 'Monday'], 'Ana');
    expect(recordings).toMatchObject([{ id: started.id, status: 'completed', markers: [{ name: 'Good' }] }]);
    const out = join(root, 'mix.mkv');
    const exported = await data(controlRoutes.exportRecording.data, ['export', started.id, '--out', out], 'Ana');
    expect((await readFile(out)).equals(await readFile(exported.path))).toBe(true);

    expect(await runCli(['end'], profileOf('Ana'))).toEqual({ code: 0, out: 'The call has ended.\n', err: '' });
    await callState(ben, (call) => call === null);
    expect((await runCli(['status'], profileOf('Ben'))).out).toBe('You are in no call.\n');
  });

  test('is paused and goes on', async () => {
    const ana = await start('Ana');
    await runCli(['start'], profileOf('Ana'));
    const { id } = await data(controlRoutes.startRecording.data, ['record', 'start'], 'Ana');
    await ana.ask('recording.attach', { recordingId: id, clockMs: 1000 });
    expect(await runCli(['record', 'pause'], profileOf('Ana'))).toEqual({ code: 0, out: `Paused: ${id}\n`, err: '' });
    expect(await runCli(['record', 'resume'], profileOf('Ana'))).toEqual({
      code: 0,
      out: `Recording: ${id}\n`,
      err: '',
    });
    expect(await runCli(['leave'], profileOf('Ana'))).toMatchObject({ code: 0, out: 'You have left the call.\n' });
    expect(ana.activity().inCall).toBe(false);
  });
});

describe('what the app does not allow', () => {
  test('a guest neither records nor ends the call: 5, and nothing happened', async () => {
    const [ana] = [await start('Ana'), await start('Ben')];
    const { out: link } = await runCli(['start'], profileOf('Ana'));
    await runCli(['join', link.trim()], profileOf('Ben'));
    for (const args of [['record', 'start'], ['end']]) {
      const { code, out, err } = await runCli([...args, '--verbose'], profileOf('Ben'));
      expect({ args, code, out, err }).toEqual({ args, code: 5, out: '', err: expect.stringMatching(/\nNOT_HOST\n$/) });
    }
    expect(ana.activity()).toEqual({ recording: false, inCall: true });
  });

  test('a call that is recorded is joined only with consent', async () => {
    const [ana, ben] = [await start('Ana'), await start('Ben')];
    const { out: link } = await runCli(['start'], profileOf('Ana'));
    await runCli(['record', 'start'], profileOf('Ana'));
    await callState(ana, (call) => call !== null && call.recording !== null);
    const refused = await runCli(['join', link.trim()], profileOf('Ben'));
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('record') });
    expect(ben.activity().inCall).toBe(false);
    expect(await runCli(['join', link.trim(), '--consent'], profileOf('Ben'))).toMatchObject({ code: 0 });
  });

  test('one recording at a time: 1, in words', async () => {
    await start('Ana');
    await runCli(['start'], profileOf('Ana'));
    await runCli(['record', 'start'], profileOf('Ana'));
    const { code, out, err } = await runCli(['record', 'start'], profileOf('Ana'));
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^\S[^\n]*\.\n$/);
  });

  test('a token that the app does not know is 5', async () => {
    await start('Ana');
    const file = { ...(await controlFile('Ana')), token: 'x'.repeat(43) };
    await writeFile(join(profileOf('Ana'), CONTROL_FILE), JSON.stringify(file));
    const { code, out, err } = await runCli(['list', '--verbose'], profileOf('Ana'));
    expect({ code, out, err }).toEqual({ code: 5, out: '', err: expect.stringMatching(/\nUNAUTHORIZED\n$/) });
    expect(err).not.toContain('xxx');
  });

  test('an app that was closed is 3: it took its control.json along', async () => {
    const ana = await start('Ana');
    await ana.close();
    people = [];
    expect(await runCli(['list'], profileOf('Ana'))).toMatchObject({ code: 3, out: '' });
  });
});

describe('the library by command line', () => {
  const sizes = [3_000_000, 70_000];

  /** An app that starts over recordings. */
  async function startOver(count: number): Promise<Awaited<ReturnType<typeof writeFinishedRecording>>[]> {
    const made = [];
    for (let index = 0; index < count; index += 1) {
      const endedAtMs = Date.UTC(2026, 9, 1 + index);
      made.push(await writeFinishedRecording(join(root, 'Ana', 'recordings'), sizes, endedAtMs));
    }
    const ana = await start('Ana');
    await ana.ask('recording.list', {});
    return made;
  }

  test('list is the data of the control API to the byte, and pages by its cursor', async () => {
    await startOver(3);
    const { port, token } = await controlFile('Ana');
    const answer = await fetch(`http://${CONTROL_HOST}:${port}/api/recordings?limit=2`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const direct = z.object({ data: controlRoutes.listRecordings.data }).parse(await answer.json());
    const first = await data(controlRoutes.listRecordings.data, ['list', '--limit', '2'], 'Ana');
    expect(first).toEqual(direct.data);
    expect(first.recordings).toHaveLength(2);
    const rest = await runCli(['list', '--cursor', first.nextCursor ?? ''], profileOf('Ana'));
    expect(rest.out.trim().split('\n')).toHaveLength(1);
    expect(rest.out).toContain('saved  To be uploaded');
    const none = await runCli(['list', '--status', 'failed'], profileOf('Ana'));
    expect(none).toEqual({ code: 0, out: '', err: 'There are no such recordings.\n' });
    // What a script takes from stdout is recordings alone.
    const some = await runCli(['list', '--limit', '2'], profileOf('Ana'));
    expect(some.out.trim().split('\n')).toHaveLength(2);
    expect(some.err).toBe(`There are more: add --cursor ${first.nextCursor}\n`);
  });

  test('export copies every byte, tells where, and replaces nothing unless forced', async () => {
    const [made] = await startOver(1);
    const { recordings } = await data(controlRoutes.listRecordings.data, ['list'], 'Ana');
    const track = recordings[0]?.tracks.find(({ source }) => source === 'mix');
    const which = [made?.id ?? '', '--track', track?.id ?? ''];
    const mix = await readFile(join(made?.folder ?? '', 'deliverables', 'mix.mp4'));
    const out = join(root, 'talk.mp4');
    const exported = await runCli(['export', ...which, '--format', 'mp4', '--out', out], profileOf('Ana'));
    expect(exported).toEqual({ code: 0, out: `${out} (3.0 MB)\n`, err: '' });
    expect((await readFile(out)).equals(mix)).toBe(true);

    await writeFile(out, 'mine');
    const refused = await runCli(['export', ...which, '--out', out, '--json'], profileOf('Ana'));
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.out)).toMatchObject({ success: false, error: { code: 'FILE_EXISTS' } });
    expect(await readFile(out, 'utf8')).toBe('mine');
    expect(await runCli(['export', ...which, '--out', out, '--force'], profileOf('Ana'))).toMatchObject({ code: 0 });
    expect((await readFile(out)).equals(mix)).toBe(true);
    expect((await readdir(root)).toSorted()).toEqual(['Ana', 'talk.mp4']);
  });

  test('export takes one track, and says of a recording that is not there', async () => {
    const [made] = await startOver(1);
    const { recordings } = await data(controlRoutes.listRecordings.data, ['list'], 'Ana');
    const track = recordings[0]?.tracks.find(({ source }) => source === 'camera');
    const out = join(root, 'person.mp4');
    await data(
      controlRoutes.exportRecording.data,
      ['export', made?.id ?? '', '--track', track?.id ?? '', '--out', out],
      'Ana',
    );
    expect((await readFile(out)).equals(await readFile(join(made?.folder ?? '', 'deliverables', 'person-1.mp4')))).toBe(
      true,
    );
    const unknown = await runCli(
      ['export', '01234567-89ab-cdef-0123-456789abcdef', '--out', join(root, 'x.mp4')],
      profileOf('Ana'),
    );
    expect(unknown).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^\S[^\n]*\n$/) });
  });

  test('cleanup says what it did and what it refused', async () => {
    const made = await startOver(2);
    const report = await data(controlRoutes.cleanUp.data, ['cleanup', '--older-than', '1h'], 'Ana');
    const told = [...report.deleted, ...report.refused.map(({ recordingId }) => recordingId)];
    expect(told.toSorted()).toEqual(made.map(({ id }) => id).toSorted());
    const young = await data(controlRoutes.cleanUp.data, ['cleanup', '--older-than', '99999d'], 'Ana');
    expect(young).toEqual({ deleted: [], refused: [], freedBytes: 0 });
  });
});

test('events are told as they happen, one JSON document a line, until Ctrl+C', async () => {
  const ana = await start('Ana');
  await runCli(['start', '--title', 'Monday'], profileOf('Ana'));
  const cli = startCli(['events', '--json', '--verbose'], profileOf('Ana'));
  await cli.until(({ err }) => err === 'Listening.\n');
  const { id } = await ana.ask('recording.start', {});
  await cli.until(({ out }) => out.includes('recordingStarted'));
  cli.child.kill('SIGINT');
  const { code, out, err } = await cli.ended;
  expect({ code, err }).toEqual({ code: 130, err: 'Listening.\n' });
  const events = out
    .trim()
    .split('\n')
    .map((line) => recordingEventSchema.parse(JSON.parse(line)));
  expect(events[0]).toMatchObject({ type: 'recordingStarted', recording: { id, title: 'Monday' } });
});
