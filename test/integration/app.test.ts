import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../contract/call.ts';
import { callOfTwo } from '../support/call-of-two.ts';
import { callState, callWas, capture, Person, statusOf } from '../support/windowless-app.ts';

let root = '';
let people: Person[] = [];
const start = async (name: string): Promise<Person> => {
  const person = await Person.start(root, name);
  people.push(person);
  return person;
};

async function hostedCall(): Promise<{ host: Person; guest: Person; call: Call; guestCall: Call }> {
  const [host, guest] = [await start('ana'), await start('ben')];
  return { host, guest, ...(await callOfTwo(host, guest, 'Monday')) };
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tallylight-app-'));
  people = [];
});
afterEach(async () => {
  for (const person of people) await person.close();
  await rm(root, { recursive: true, force: true });
});

describe('the app without its window', () => {
  it('records a call from the first chunk to files that play', async () => {
    const { host, guest, guestCall } = await hostedCall();
    const recording = await host.ask('recording.start', {});
    expect(host.activity()).toEqual({ recording: true, inCall: true });
    await host.ask('recording.attach', { recordingId: recording.id, clockMs: 1000 });
    const closeMix = await capture(host, recording.id, null, [{ lane: 'av', file: 'mix-h264.mkv' }]);
    const closeBen = await capture(host, recording.id, guestCall.selfId, [
      { lane: 'audio', file: 'audio-opus.webm' },
      { lane: 'video', file: 'video-h264.mkv' },
    ]);
    // Lit by bytes on the disk, on the guest's screen too.
    await callWas(guest, (call) => call?.recording?.health.kind === 'ok');

    await host.ask('recording.stop', { recordingId: recording.id });
    await Promise.all([closeMix(), closeBen()]);
    const completed = await statusOf(host, 'completed');
    await callState(guest, (call) => call !== null && call.recording === null);

    expect(completed).toMatchObject({ title: 'Monday', error: null });
    expect(
      completed.deliverables.map(({ kind, format, participantName }) => ({ kind, format, participantName })),
    ).toEqual(
      expect.arrayContaining([
        { kind: 'mix', format: 'mkv', participantName: expect.any(String) },
        { kind: 'track', format: 'mkv', participantName: 'Ben' },
      ]),
    );
    expect(completed.thumbnails).toHaveLength(5);
    for (const { file, sizeBytes } of completed.deliverables) {
      expect((await stat(join(completed.folder, file))).size).toBe(sizeBytes);
    }
    expect(await host.ask('recording.list', {})).toMatchObject({
      recordings: [{ id: recording.id, status: 'completed' }],
    });
    expect(await host.findRecording(recording.id)).toMatchObject({ status: 'completed' });

    const { id, file } = completed.deliverables[0] ?? { id: null, file: '' };
    await host.ask('recording.showInFolder', { recordingId: recording.id, deliverableId: id });
    await host.ask('recording.showInFolder', { recordingId: recording.id, deliverableId: null });
    expect(host.shown).toEqual([join(completed.folder, file), completed.folder]);
  });

  it('stops the recording by itself when the call ends, and takes the last chunks after it', async () => {
    const { host, guest } = await hostedCall();
    const recording = await host.ask('recording.start', {});
    const closeMix = await capture(host, recording.id, null, [{ lane: 'av', file: 'mix-vp8.webm' }]);
    await host.ask('call.end', {});
    await statusOf(host, 'stopping');
    await closeMix();
    const completed = await statusOf(host, 'completed');
    expect(completed.deliverables).toHaveLength(1);
    expect(host.activity()).toEqual({ recording: false, inCall: false });
    expect(await callState(guest, (call) => call === null)).toEqual({ call: null, endReason: 'endedByHost' });
  });

  it('lets nobody but the host record, whatever the page asks', async () => {
    const { host, guest, guestCall } = await hostedCall();
    expect(await guest.result('recording.start', {})).toMatchObject({ ok: false, error: { code: 'NOT_HOST' } });
    const recording = await host.ask('recording.start', {});
    const recordingId = recording.id;
    const openTrack = { recordingId, participantId: guestCall.selfId, source: 'camera' as const };
    for (const refused of [
      await guest.result('recording.stop', { recordingId }),
      await guest.result('recording.attach', { recordingId, clockMs: 0 }),
      await guest.result('recording.openTrack', openTrack),
    ]) {
      expect(refused).toMatchObject({ ok: false, error: { code: 'NOT_HOST' } });
    }
    expect(await host.result('recording.start', {})).toMatchObject({ ok: false, error: { code: 'RECORDING_RUNNING' } });
  });

  it('puts names on tracks only of people who were in the call', async () => {
    const { host, guest, guestCall } = await hostedCall();
    const { id: recordingId } = await host.ask('recording.start', {});
    const stranger = recordingId as unknown as Call['selfId'];
    expect(
      await host.result('recording.openTrack', { recordingId, participantId: stranger, source: 'camera' }),
    ).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } });
    expect(
      await host.result('recording.openTrack', { recordingId, participantId: null, source: 'camera' }),
    ).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT' } });
    await guest.ask('call.leave', {});
    await callState(host, (call) => call?.participants.length === 1);
    // Who left is still the one whose last seconds are being written.
    expect(
      await host.result('recording.openTrack', { recordingId, participantId: guestCall.selfId, source: 'camera' }),
    ).toMatchObject({ ok: true });
  });

  it('finds at the next start what was cut off, and finishes it', async () => {
    const first = await hostedCall();
    const recording = await first.host.ask('recording.start', {});
    await capture(first.host, recording.id, null, [{ lane: 'av', file: 'mix-h264.mkv' }]);
    // No time at all to save anything: what is on the disk is what there is.
    await first.host.close(1);
    const again = await start('ana');
    const { recordings } = await again.ask('recording.list', {});
    expect(recordings.map(({ id }) => id)).toEqual([recording.id]);
    const status = recordings[0]?.status === 'completed' ? recordings[0] : await statusOf(again, 'completed');
    expect(status.deliverables).toHaveLength(1);
  });

  it('keeps an invite until the lobby takes it', async () => {
    const person = await start('ana');
    const link = 'tallylight://join/x';
    person.openInvite(link);
    expect(await person.ask('app.environment', {})).toMatchObject({ pendingInvite: link });
    await person.ask('app.inviteTaken', {});
    expect(await person.ask('app.environment', {})).toMatchObject({ pendingInvite: null });
    expect(person.told).toContainEqual({ name: 'app.inviteOpened', payload: { link } });
    expect(await person.ask('call.current', {})).toEqual({ call: null });
  });
});
