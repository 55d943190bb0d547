import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ControlRouteName } from '../../contract/control-routes.ts';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { AskOf, ControlClient } from '../support/control-client.ts';
import { controlOf } from '../support/control-person.ts';
import { callState, capture, Person, statusOf } from '../support/windowless-app.ts';

let root = '';
let people: Person[] = [];
let clients: ControlClient[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tallylight-handlers-'));
  people = [];
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.close();
  for (const person of people) await person.close();
  await rm(root, { recursive: true, force: true });
});

async function start(name: string): Promise<{ person: Person; api: ControlClient }> {
  const person = await Person.start(root, name);
  people.push(person);
  const api = await controlOf(person);
  clients.push(api);
  return { person, api };
}

/** HTTP status and code of an answer: `200`, or for example `403 NOT_HOST`. */
async function outcome<N extends ControlRouteName>(api: ControlClient, name: N, ask: AskOf<N>): Promise<string> {
  const { status, envelope } = await api.ask(name, ask);
  return envelope.success ? String(status) : `${status} ${envelope.error.code}`;
}

const oneSource = [
  { lane: 'audio' as const, file: 'audio-opus.webm' as const },
  { lane: 'video' as const, file: 'video-h264.mkv' as const },
];

/** Records the host alone until everything of it is on the disk; gives what ends the capture. */
async function record(person: Person, recordingId: RecordingId): Promise<() => Promise<unknown>> {
  const { call } = await person.ask('call.current', {});
  if (call === null) throw new Error('There is no call.');
  await person.ask('recording.attach', { recordingId, clockMs: 1000 });
  return capture(person, recordingId, call.selfId, oneSource);
}

describe('the control API over the app', () => {
  it('makes a call, records it, pauses, marks, stops, finds, exports and deletes, and every answer is true', async () => {
    const { person, api } = await start('ana');
    const seven = await api.ask('createCall', { body: { maxParticipants: 7 } });
    expect([seven.status, seven.text]).toEqual([400, expect.stringContaining('every app sends its picture to each')]);
    const created = await api.ask('createCall', { body: { title: 'Standup', maxParticipants: 3, cameraOn: false } });
    expect(created.status).toBe(201);
    if (!created.envelope.success) throw new Error(created.text);
    const call = created.envelope.data;
    expect(call).toMatchObject({ title: 'Standup', role: 'host', participantLimit: 3, recording: null });
    expect(call.participants).toMatchObject([{ name: 'Host', microphoneOn: true, cameraOn: false, quality: null }]);
    const params = { callId: call.callId };
    expect(await api.data('listCalls')).toEqual({ calls: [call] });
    expect(await outcome(api, 'createCall', { body: {} })).toBe('409 ALREADY_IN_CALL');

    // Nothing runs yet.
    expect(await outcome(api, 'stopRecording', { params })).toBe('409 RECORDING_NOT_RUNNING');
    expect(await outcome(api, 'addMarker', { params, body: {} })).toBe('409 RECORDING_NOT_RUNNING');

    const started = await api.ask('startRecording', { params });
    expect(started.status).toBe(201);
    if (!started.envelope.success) throw new Error(started.text);
    const running = started.envelope.data;
    expect(running).toMatchObject({ callId: call.callId, status: 'recording' });
    const ofRecording = { params: { callId: call.callId, recordingId: running.id } };
    const closeFirst = await record(person, running.id);

    // A second start is refused, and the first goes on as if nothing had been.
    expect(await outcome(api, 'startRecording', { params })).toBe('409 RECORDING_RUNNING');
    expect(await api.data('getRecording', ofRecording)).toMatchObject({ id: running.id, status: 'recording' });
    await person.until((told) =>
      told.find(
        ({ name, payload }) =>
          name === 'recording.event' && payload.type === 'recordingHealth' && payload.health.kind === 'ok',
      ),
    );
    const live = await api.data('getRecording', ofRecording);
    expect(live).toMatchObject({ health: { kind: 'ok' }, outputPath: null, endedAt: null, deliverables: [] });
    expect(live.fileSize).toBeGreaterThan(0);
    expect(live.duration).toBeGreaterThan(0);

    const marker = await api.data('addMarker', { params, body: { name: ' Goal ' } });
    expect(marker).toMatchObject({ recordingId: running.id, name: 'Goal' });
    expect((await api.data('getCall', { params })).recording).toMatchObject({ recordingId: running.id });

    expect(await api.data('pauseRecording', { params })).toMatchObject({ id: running.id, status: 'paused' });
    expect(await outcome(api, 'pauseRecording', { params })).toBe('409 CONFLICT');
    await closeFirst();
    expect(await api.data('resumeRecording', { params })).toMatchObject({ id: running.id, status: 'recording' });
    expect(await outcome(api, 'resumeRecording', { params })).toBe('409 CONFLICT');
    const closeMix = await capture(person, running.id, null, [{ lane: 'av', file: 'mix-h264.mkv' }]);

    const stats = await api.data('stats');
    expect(stats).toMatchObject({ recordings: { recording: 1, completed: 0 }, chunksRefused: 0, droppedFrames: 0 });
    expect(stats.chunkLatencyMs?.count).toBe(stats.chunksAcknowledged);
    expect(stats.chunksAcknowledged).toBeGreaterThan(10);
    expect(stats.bytes).toBeGreaterThan(0);
    expect(stats.diskFreeBytes).toBeGreaterThan(0);

    expect(await api.data('stopRecording', { params })).toMatchObject({ id: running.id, status: 'stopping' });
    expect(await outcome(api, 'deleteRecording', ofRecording)).toBe('409 RECORDING_BUSY');
    await closeMix();
    await statusOf(person, 'completed');

    const done = await api.data('getRecording', ofRecording);
    expect(done).toMatchObject({ status: 'completed', health: null, title: 'Standup', error: null, mediaLeftAt: null });
    expect(done.markers).toMatchObject([{ id: marker.id, name: 'Goal', atMs: marker.atMs }]);
    if (done.outputPath === null) throw new Error('There is no output.');
    expect(isAbsolute(done.outputPath)).toBe(true);
    expect(done.deliverables.find(({ path }) => path === done.outputPath)).toMatchObject({
      kind: 'mix',
      format: 'mkv',
    });
    for (const { path, sizeBytes } of done.deliverables) expect((await stat(path)).size).toBe(sizeBytes);
    for (const path of done.thumbnails) expect((await stat(path)).size).toBeGreaterThan(0);
    expect(done.thumbnails.length).toBeGreaterThan(0);

    expect((await api.data('listRecordings', { query: { q: 'goal', status: 'completed' } })).recordings).toEqual([
      done,
    ]);
    expect(await api.data('listRecordings', { query: { q: 'nothing like it' } })).toEqual({
      recordings: [],
      nextCursor: null,
    });
    expect(await outcome(api, 'listRecordings', { query: { cursor: 'rubbish' } })).toBe('400 INVALID_INPUT');

    const { recordingId } = ofRecording.params;
    expect(await api.data('exportRecording', { params: { recordingId }, body: { format: 'mkv' } })).toMatchObject({
      path: done.outputPath,
    });
    expect(await outcome(api, 'exportRecording', { params: { recordingId }, body: { format: 'webm' } })).toBe(
      '409 CONFLICT',
    );
    const mp4 = await api.data('exportRecording', { params: { recordingId }, body: { format: 'mp4' } });
    expect((await stat(mp4.path)).size).toBe(mp4.fileSize);
    expect((await api.data('exportRecording', { params: { recordingId }, body: { format: 'mp4' } })).id).toBe(mp4.id);

    await api.data('deleteRecording', ofRecording);
    expect(await outcome(api, 'getRecording', ofRecording)).toBe('404 RECORDING_NOT_FOUND');
    expect(await outcome(api, 'deleteRecording', ofRecording)).toBe('404 RECORDING_NOT_FOUND');
    expect(await outcome(api, 'exportRecording', { params: { recordingId }, body: { format: 'mkv' } })).toBe(
      '404 RECORDING_NOT_FOUND',
    );
    await expect(stat(done.outputPath)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await api.data('stats')).recordings.completed).toBe(0);
  });

  it('stops and saves the recording when the call is ended, and a token of the call may read it afterwards', async () => {
    const { person, api } = await start('ana');
    const { callId } = await api.data('createCall', { body: {} });
    const token = async (userId: string, role: 'host' | 'participant'): Promise<{ token: string }> => {
      const issued = await api.data('issueToken', { params: { callId }, body: { userId, role } });
      return { token: issued.token };
    };
    const [deck, guest] = [await token('stream-deck', 'host'), await token('ben', 'participant')];
    const { id } = await api.data('startRecording', { params: { callId }, ...deck });
    const close = await record(person, id);

    const params = { callId };
    expect(await outcome(api, 'endCall', { params, ...guest })).toBe('403 NOT_HOST');
    expect((await api.data('getRecording', { params: { callId, recordingId: id }, ...guest })).status).toBe(
      'recording',
    );
    expect(await outcome(api, 'endCall', { params, ...deck })).toBe('200');
    await statusOf(person, 'stopping');
    await close();
    await statusOf(person, 'completed');

    for (const reader of [deck, guest, {}]) {
      const read = await api.data('getRecording', { params: { callId, recordingId: id }, ...reader });
      expect(read).toMatchObject({ status: 'completed', callId });
    }
    expect(await api.data('listCalls', guest)).toEqual({ calls: [] });
    for (const each of [deck, {}]) {
      expect(await outcome(api, 'startRecording', { params, ...each })).toBe('404 CALL_NOT_FOUND');
      expect(await outcome(api, 'endCall', { params, ...each })).toBe('404 CALL_NOT_FOUND');
    }
    expect(await outcome(api, 'issueToken', { params, body: { userId: 'late' } })).toBe('404 CALL_NOT_FOUND');
    // A token outlives the call, so it can be taken away after it too.
    expect(await outcome(api, 'revokeToken', { params: { callId, userId: 'ben' } })).toBe('200');
    expect(await outcome(api, 'getRecording', { params: { callId, recordingId: id }, ...guest })).toBe(
      '401 UNAUTHORIZED',
    );
  });

  it('lets a token of one call do nothing in the next one, nor with its recording by any path', async () => {
    const { person, api } = await start('ana');
    const before = await api.data('createCall', { body: {} });
    const issued = await api.data('issueToken', {
      params: { callId: before.callId },
      body: { userId: 'eve', role: 'host' },
    });
    const eve = { token: issued.token };
    await api.data('endCall', { params: { callId: before.callId } });
    const { callId } = await api.data('createCall', { body: {} });
    const { id } = await api.data('startRecording', { params: { callId } });
    const never = recordingIdSchema.parse('ffffffff-ffff-4fff-8fff-ffffffffffff');

    const params = { callId };
    const outcomes = [];
    for (const name of [
      'getCall',
      'endCall',
      'startRecording',
      'stopRecording',
      'pauseRecording',
      'resumeRecording',
    ] as const) {
      outcomes.push(await outcome(api, name, { params, ...eve }));
    }
    outcomes.push(await outcome(api, 'addMarker', { params, body: {}, ...eve }));
    outcomes.push(await outcome(api, 'issueToken', { params, body: { userId: 'eve' }, ...eve }));
    outcomes.push(await outcome(api, 'getRecording', { params: { callId, recordingId: id }, ...eve }));
    outcomes.push(await outcome(api, 'deleteRecording', { params: { callId, recordingId: id }, ...eve }));
    expect(new Set(outcomes)).toEqual(new Set(['403 FORBIDDEN']));
    // By the path of its own call, a recording of another is one that never was, to the letter.
    for (const name of ['getRecording', 'deleteRecording'] as const) {
      const texts = [];
      for (const recordingId of [id, never]) {
        const answer = await api.ask(name, { params: { callId: before.callId, recordingId }, ...eve });
        texts.push(`${answer.status} ${answer.text}`);
      }
      expect(texts[0]).toMatch(/^404 .*RECORDING_NOT_FOUND/);
      expect(texts[0]).toBe(texts[1]);
    }
    expect(await api.data('listCalls', eve)).toEqual({ calls: [] });
    for (const name of ['listRecordings', 'stats'] as const)
      expect(await outcome(api, name, eve)).toBe('403 FORBIDDEN');
    expect(await outcome(api, 'cleanUp', { body: { maxAgeMs: 0 }, ...eve })).toBe('403 FORBIDDEN');
    expect(
      await outcome(api, 'exportRecording', { params: { recordingId: id }, body: { format: 'mkv' }, ...eve }),
    ).toBe('403 FORBIDDEN');
    expect((await api.data('getRecording', { params: { callId, recordingId: id } })).status).toBe('recording');
    expect(person.activity()).toEqual({ recording: true, inCall: true });
  });

  it("does nothing of a host's in somebody else's call, whatever the token", async () => {
    const { person: host, api: hostApi } = await start('ana');
    const { api } = await start('ben');
    const { callId, inviteLink } = await hostApi.data('createCall', { body: { name: 'Ana' } });
    const { id } = await hostApi.data('startRecording', { params: { callId } });
    expect(await outcome(api, 'joinCall', { body: { link: inviteLink } })).toBe('409 CONFLICT');
    const joined = await api.data('joinCall', { body: { link: inviteLink, name: 'Ben', consented: true } });
    expect(joined).toMatchObject({ callId, role: 'participant', recording: { recordingId: id } });
    await callState(host, (call) => call?.participants.length === 2);

    const params = { callId };
    const outcomes = [];
    for (const name of ['endCall', 'startRecording', 'stopRecording', 'pauseRecording', 'resumeRecording'] as const) {
      outcomes.push(await outcome(api, name, { params }));
    }
    outcomes.push(await outcome(api, 'addMarker', { params, body: {} }));
    outcomes.push(await outcome(api, 'issueToken', { params, body: { userId: 'x' } }));
    outcomes.push(await outcome(api, 'revokeToken', { params: { callId, userId: 'x' } }));
    expect(new Set(outcomes)).toEqual(new Set(['403 NOT_HOST']));
    // Its recording is on the host's computer, not here.
    expect(await outcome(api, 'getRecording', { params: { callId, recordingId: id } })).toBe('404 RECORDING_NOT_FOUND');
    expect((await hostApi.data('getRecording', { params: { callId, recordingId: id } })).status).toBe('recording');

    expect(await outcome(api, 'leaveCall', { params })).toBe('200');
    await callState(host, (call) => call?.participants.length === 1);
    expect(await outcome(api, 'leaveCall', { params })).toBe('404 CALL_NOT_FOUND');
  });
});
