import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Call, CallRecording, Participant } from '../../contract/call.ts';
import { callSchema } from '../../contract/call.ts';
import { callIdSchema, participantIdSchema, peerIdSchema, recordingIdSchema } from '../../contract/ids.ts';
import { parseInviteLink } from '../../contract/invite.ts';
import type { RoomEvent } from '../../contract/signaling.ts';
import { callFromEntered, NO_CALL, reduceCall, type CallState } from '../../main/calls/call-state.ts';
import type { EnteredFrame } from '../../main/calls/room-client.ts';

function person(role: Participant['role'], order: number, name: string): Participant {
  return {
    id: participantIdSchema.parse(randomUUID()),
    peerId: peerIdSchema.parse(randomUUID()),
    name,
    role,
    microphoneOn: true,
    cameraOn: true,
    order,
    present: true,
  };
}

const host = person('host', 0, 'Ada');
const guest = person('participant', 1, 'Bob');
const third = person('participant', 2, 'Cleo');
const recording: CallRecording = {
  recordingId: recordingIdSchema.parse(randomUUID()),
  state: 'recording',
  health: { kind: 'ok' },
  elapsedMs: 5,
  recordedBy: 'Ada',
};

const NEW_INVITE = '2.abc.another-invite-0123456789';

function enteredFrame(self: Participant, participants: Participant[]): EnteredFrame {
  return {
    type: 'entered',
    requestId: 1,
    room: {
      callId: callIdSchema.parse(randomUUID()),
      title: 'Standup',
      participantLimit: 6,
      hostId: host.id,
      videoCodec: 'h264',
      participants,
      recording: null,
    },
    selfId: self.id,
    peerId: self.peerId,
    secret: 'a-secret-of-this-place',
    peerToken: 'a-peer-token-of-this-place',
    invite: '1.abc.0123456789abcdef',
  };
}

const server = { host: '127.0.0.1', port: 9770, secure: false };
function callOf(self: Participant, frame = enteredFrame(self, [guest, host])): Call {
  return callFromEntered(frame, {
    role: self.role,
    inviteServer: { host: '192.168.1.5', port: 9770, secure: false },
    ticketServer: server,
    iceServers: [{ urls: ['stun:stun.example.org'] }],
    joinedAtMs: 7,
  });
}
const inCallAs = (self: Participant): CallState => ({ kind: 'inCall', call: callOf(self) });

function after(state: CallState, ...frames: RoomEvent[]): CallState {
  return frames.reduce((before, frame) => reduceCall(before, { kind: 'frame', frame }), state);
}
function callIn(state: CallState): Call {
  if (state.kind !== 'inCall') throw new Error('expected to be in a call');
  return callSchema.parse(state.call);
}

describe('the call made from the server’s answer', () => {
  test('it has its people in order, the ticket for the own window and an invite link for the others', () => {
    const call = callOf(guest);
    expect(call.participants.map((participant) => participant.name)).toEqual(['Ada', 'Bob']);
    expect(call.ticket).toMatchObject({ peerId: guest.peerId, host: '127.0.0.1', port: 9770, videoCodec: 'h264' });
    expect(call.inviteLink).toMatch(/^tallylight:\/\/join\/.*192\.168\.1\.5/);
    expect(call.role).toBe('participant');
    callSchema.parse(call);
  });

  test.each<[string, EnteredFrame]>([
    ['without ourselves', enteredFrame(guest, [host])],
    ['without a host', enteredFrame(guest, [guest])],
    ['with two hosts', enteredFrame(guest, [host, guest, { ...third, role: 'host' }])],
    ['with a person twice', enteredFrame(guest, [host, guest, guest])],
    ['that makes a guest the host', { ...enteredFrame(host, [host, guest]) }],
    ['with a strange peer id for us', { ...enteredFrame(guest, [host, guest]), peerId: third.peerId }],
  ])('an answer %s is refused', (_what, frame) => {
    expect(() => callOf(guest, frame)).toThrowError(expect.objectContaining({ code: 'SIGNALING_REFUSED' }));
  });
});

describe('frames of the room', () => {
  test('people come, change and go', () => {
    let state = after(inCallAs(host), { type: 'participantJoined', participant: third });
    expect(callIn(state).participants.map((participant) => participant.name)).toEqual(['Ada', 'Bob', 'Cleo']);
    state = after(state, { type: 'participantChanged', participant: { ...third, cameraOn: false, present: false } });
    expect(callIn(state).participants[2]).toMatchObject({ cameraOn: false, present: false });
    state = after(state, { type: 'participantLeft', participantId: third.id });
    expect(callIn(state).participants).toHaveLength(2);
  });

  test('nobody comes twice, comes as a second host, or changes who they are', () => {
    const state = inCallAs(guest);
    expect(after(state, { type: 'participantJoined', participant: host })).toBe(state);
    expect(after(state, { type: 'participantJoined', participant: { ...third, role: 'host' } })).toBe(state);
    const changed = after(state, {
      type: 'participantChanged',
      participant: { ...host, role: 'participant', order: 9, peerId: third.peerId },
    });
    expect(callIn(changed).participants[0]).toEqual(host);
  });

  test('what the own person does is not overruled by an echo of the server', () => {
    const state = reduceCall(inCallAs(guest), { kind: 'ownMedia', microphoneOn: false, cameraOn: false });
    expect(after(state, { type: 'participantChanged', participant: guest })).toBe(state);
  });

  test('the notice of a recording counts only from the host', () => {
    const state = inCallAs(guest);
    expect(after(state, { type: 'recording', from: third.id, recording })).toBe(state);
    const noticed = after(state, { type: 'recording', from: host.id, recording });
    expect(callIn(noticed).recording).toEqual(recording);
    expect(after(noticed, { type: 'recording', from: guest.id, recording: null })).toBe(noticed);
    expect(callIn(after(noticed, { type: 'recording', from: host.id, recording: null })).recording).toBeNull();
  });

  test('the host’s own notice is not changed from outside', () => {
    const state = reduceCall(inCallAs(host), { kind: 'ownRecording', recording });
    expect(after(state, { type: 'recording', from: host.id, recording: null })).toBe(state);
  });

  test.each<[string, RoomEvent & { type: 'ended' }]>([
    ['by the host', { type: 'ended', from: host.id, to: null, reason: 'endedByHost' }],
    ['by the server, whose host is gone', { type: 'ended', from: null, to: null, reason: 'hostGone' }],
    ['by the server, which goes', { type: 'ended', from: null, to: null, reason: 'serverGone' }],
  ])('a call ends %s', (_who, frame) => {
    expect(after(inCallAs(guest), frame)).toEqual({ kind: 'none', endReason: frame.reason });
  });

  test.each<[string, RoomEvent & { type: 'ended' }]>([
    ['a participant', { type: 'ended', from: third.id, to: null, reason: 'endedByHost' }],
    ['a participant in the name of the server', { type: 'ended', from: third.id, to: null, reason: 'hostGone' }],
    ['nobody in the name of the host', { type: 'ended', from: null, to: null, reason: 'endedByHost' }],
    ['nobody in our own name', { type: 'ended', from: null, to: null, reason: 'left' }],
  ])('a call is not ended by %s', (_who, frame) => {
    const state = inCallAs(guest);
    expect(after(state, frame)).toBe(state);
  });

  test('neither the host nor we ourselves just leave a call that goes on', () => {
    const state = inCallAs(guest);
    for (const participantId of [host.id, guest.id]) {
      expect(after(state, { type: 'participantLeft', participantId })).toBe(state);
    }
  });

  test('the host removes the one it names', () => {
    const removed: RoomEvent = { type: 'ended', from: host.id, to: guest.id, reason: 'removed' };
    expect(after(inCallAs(guest), removed)).toEqual({ kind: 'none', endReason: 'removed' });
  });

  test.each<[string, RoomEvent & { type: 'ended' }]>([
    ['by a participant', { type: 'ended', from: third.id, to: guest.id, reason: 'removed' }],
    ['by themselves', { type: 'ended', from: guest.id, to: guest.id, reason: 'removed' }],
    ['by the server', { type: 'ended', from: null, to: guest.id, reason: 'removed' }],
    ['when somebody else is', { type: 'ended', from: host.id, to: third.id, reason: 'removed' }],
    ['when nobody is named', { type: 'ended', from: host.id, to: null, reason: 'removed' }],
  ])('nobody is removed %s', (_by, frame) => {
    const state = inCallAs(guest);
    expect(after(state, frame)).toBe(state);
  });

  test('the host cannot be removed from their own call', () => {
    const state = inCallAs(host);
    expect(after(state, { type: 'ended', from: host.id, to: host.id, reason: 'removed' })).toBe(state);
  });

  test('an end that is meant for one is no end for all', () => {
    const state = inCallAs(guest);
    expect(after(state, { type: 'ended', from: host.id, to: third.id, reason: 'endedByHost' })).toBe(state);
    expect(after(state, { type: 'ended', from: null, to: guest.id, reason: 'serverGone' })).toBe(state);
  });

  test('a renewed invite is in the link, at the same server, when it comes from the host', () => {
    const state = inCallAs(guest);
    const before = parseInviteLink(callIn(state).inviteLink);
    const renewed = after(state, { type: 'inviteChanged', from: host.id, invite: NEW_INVITE });
    expect(parseInviteLink(callIn(renewed).inviteLink)).toEqual({ ...before, token: NEW_INVITE });
    expect(after(state, { type: 'inviteChanged', from: third.id, invite: NEW_INVITE })).toBe(state);
  });

  test('an invite that was renewed while the own connection was broken is there after coming back', () => {
    const { room } = enteredFrame(guest, [host, guest]);
    const resumed = reduceCall(inCallAs(guest), { kind: 'resumed', room, invite: NEW_INVITE });
    expect(parseInviteLink(callIn(resumed).inviteLink).token).toBe(NEW_INVITE);
  });

  test('outside a call nothing changes anything', () => {
    expect(after(NO_CALL, { type: 'participantJoined', participant: third })).toBe(NO_CALL);
    expect(reduceCall(NO_CALL, { kind: 'over', reason: 'left' })).toBe(NO_CALL);
    expect(reduceCall(NO_CALL, { kind: 'ownRecording', recording })).toBe(NO_CALL);
    expect(reduceCall(NO_CALL, { kind: 'recordingSilent' })).toBe(NO_CALL);
  });
});

describe('the light while something is broken', () => {
  const noticed = after(inCallAs(guest), { type: 'recording', from: host.id, recording });

  test('it does not claim health while the host is away, and takes the host’s next word', () => {
    const away = after(noticed, { type: 'participantChanged', participant: { ...host, present: false } });
    expect(callIn(away).recording?.health).toMatchObject({ kind: 'degraded', cause: 'captureLost' });
    const back = after(
      away,
      { type: 'participantChanged', participant: host },
      { type: 'recording', from: host.id, recording },
    );
    expect(callIn(back).recording?.health).toEqual({ kind: 'ok' });
  });

  test('it does not claim health on a guest’s screen while the own connection is broken', () => {
    const broken = reduceCall(noticed, { kind: 'reconnecting' });
    expect(callIn(broken)).toMatchObject({ connection: 'reconnecting', recording: { health: { kind: 'degraded' } } });
    const room = { ...enteredFrame(guest, [host, guest]).room, recording };
    const resumed = reduceCall(broken, { kind: 'resumed', room, invite: NEW_INVITE });
    expect(callIn(resumed)).toMatchObject({ connection: 'connected', recording: { health: { kind: 'ok' } } });
  });

  test('the host keeps its own word through a broken connection', () => {
    const hosting = reduceCall(inCallAs(host), { kind: 'ownRecording', recording });
    const broken = reduceCall(hosting, { kind: 'reconnecting' });
    expect(callIn(broken).recording).toEqual(recording);
    const room = { ...enteredFrame(host, [host, guest]).room, recording: null };
    expect(callIn(reduceCall(broken, { kind: 'resumed', room, invite: NEW_INVITE })).recording).toEqual(recording);
  });
});
