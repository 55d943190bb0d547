import type { Call, CallEndReason, CallRecording, Participant } from '../../contract/call.ts';
import { AppError, assertNever } from '../../contract/errors.ts';
import { formatInviteLink } from '../../contract/invite.ts';
import type { IceServer } from '../../contract/settings.ts';
import type { RoomEvent, RoomState } from '../../contract/signaling.ts';
import type { EnteredFrame } from './room-client.ts';
import { formatServerAddress, type ServerAddress } from './server-address.ts';

/** The call this app is in, or why the last one ended (null before the first). */
export type CallState = { kind: 'none'; endReason: CallEndReason | null } | { kind: 'inCall'; call: Call };

export const NO_CALL: CallState = { kind: 'none', endReason: null };

/** What changes the call of this app. */
export type CallStateEvent =
  | { kind: 'entered'; call: Call }
  | { kind: 'frame'; frame: RoomEvent }
  | { kind: 'reconnecting' }
  | { kind: 'resumed'; room: RoomState; invite: string }
  /** What this app itself decided. */
  | { kind: 'ownMedia'; microphoneOn: boolean; cameraOn: boolean }
  | { kind: 'ownRecording'; recording: CallRecording | null }
  /** The host's app has said nothing of its recording for too long. */
  | { kind: 'recordingSilent' }
  | { kind: 'over'; reason: CallEndReason };

/** More people than any transport of ours carries: a server that names more is not believed. */
const PEOPLE_LIMIT = 64;

/** The next state of the call; frames that their sender had no right to send change nothing. */
export function reduceCall(state: CallState, event: CallStateEvent): CallState {
  if (event.kind === 'entered') return { kind: 'inCall', call: event.call };
  if (state.kind === 'none') return state;
  const { call } = state;
  switch (event.kind) {
    case 'frame':
      return reduceFrame(state, event.frame);
    case 'reconnecting':
      return inCall({
        ...call,
        connection: 'reconnecting',
        recording: call.role === 'host' ? call.recording : unconfirmed(call.recording, broke('signaling server')),
      });
    case 'resumed': {
      const resumed: Call = { ...call, connection: 'connected', participants: inOrder(event.room.participants) };
      const recording = call.role === 'host' ? call.recording : event.room.recording;
      return inCall(withHostPresence(withInvite({ ...resumed, recording }, event.invite)));
    }
    case 'ownMedia': {
      const { microphoneOn, cameraOn } = event;
      return inCall(changeParticipant(call, call.selfId, (self) => ({ ...self, microphoneOn, cameraOn })));
    }
    case 'ownRecording':
      return inCall({ ...call, recording: event.recording });
    case 'recordingSilent':
      return call.role === 'host' ? state : inCall({ ...call, recording: unconfirmed(call.recording, SILENT) });
    case 'over':
      return { kind: 'none', endReason: event.reason };
    default:
      return assertNever(event);
  }
}

function reduceFrame(state: Extract<CallState, { kind: 'inCall' }>, frame: RoomEvent): CallState {
  const { call } = state;
  switch (frame.type) {
    case 'participantJoined': {
      const { participant } = frame;
      const known = call.participants.some(
        (other) => other.id === participant.id || other.peerId === participant.peerId,
      );
      if (known || participant.role === 'host' || call.participants.length >= PEOPLE_LIMIT) return state;
      return inCall({ ...call, participants: inOrder([...call.participants, participant]) });
    }
    case 'participantChanged': {
      const { id, name, microphoneOn, cameraOn, present } = frame.participant;
      // What this app's own person does is known here first; identity, role and order never change.
      if (id === call.selfId) return state;
      const changed = changeParticipant(call, id, (other) => ({ ...other, name, microphoneOn, cameraOn, present }));
      return inCall(id === call.hostId ? withHostPresence(changed) : changed);
    }
    case 'participantLeft':
      // Neither we nor the host leave like this a call that goes on: the server says `ended` instead.
      if (frame.participantId === call.selfId || frame.participantId === call.hostId) return state;
      return inCall({
        ...call,
        participants: call.participants.filter((other) => other.id !== frame.participantId),
      });
    case 'recording':
      if (frame.from !== call.hostId || call.role === 'host') return state;
      return inCall({ ...call, recording: frame.recording });
    case 'inviteChanged':
      return frame.from === call.hostId ? inCall(withInvite(call, frame.invite)) : state;
    case 'ended':
      return isRightful(frame, call) ? { kind: 'none', endReason: frame.reason } : state;
    case 'entered':
    case 'inspected':
    case 'done':
    case 'refused':
      return state;
    default:
      return assertNever(frame);
  }
}

/** The host ends a call, or removes the one that it names; only the server itself can say that the host or the server is gone. */
function isRightful(frame: Extract<RoomEvent, { type: 'ended' }>, call: Call): boolean {
  if (frame.reason === 'removed') {
    return frame.from === call.hostId && frame.to === call.selfId && call.role !== 'host';
  }
  if (frame.to !== null) return false;
  if (frame.from !== null) return frame.from === call.hostId && frame.reason === 'endedByHost';
  return frame.reason === 'hostGone' || frame.reason === 'serverGone';
}

/** The link says the same of the way to the server, with another permission. */
function withInvite(call: Call, token: string): Call {
  const link = new URL(call.inviteLink);
  link.searchParams.set('invite', token);
  return { ...call, inviteLink: link.href };
}

function inCall(call: Call): CallState {
  return { kind: 'inCall', call };
}

function inOrder(participants: Participant[]): Participant[] {
  return participants.toSorted((left, right) => left.order - right.order);
}

function changeParticipant(call: Call, id: Participant['id'], change: (before: Participant) => Participant): Call {
  return { ...call, participants: call.participants.map((other) => (other.id === id ? change(other) : other)) };
}

/** While the host is away nobody confirms that bytes reach the disk, so the light must not say so (DESIGN rule 7). */
function withHostPresence(call: Call): Call {
  const host = call.participants.find((participant) => participant.id === call.hostId);
  if (call.role === 'host' || host?.present !== false) return call;
  return { ...call, recording: unconfirmed(call.recording, broke('host')) };
}

const SILENT = "The host's app does not answer: nobody confirms that the recording goes on.";

const broke = (what: string): string =>
  `The connection to the ${what} broke: nobody confirms that the recording goes on.`;

function unconfirmed(recording: CallRecording | null, message: string): CallRecording | null {
  if (recording === null) return null;
  return { ...recording, health: { kind: 'degraded', cause: 'captureLost', message } };
}

/** Builds the call from the server's answer, which is not believed where it contradicts itself or what was asked. */
export function callFromEntered(
  frame: EnteredFrame,
  facts: {
    role: Call['role'];
    inviteServer: ServerAddress;
    ticketServer: ServerAddress;
    iceServers: IceServer[];
    joinedAtMs: number;
  },
): Call {
  const { room, selfId } = frame;
  const self = room.participants.find((participant) => participant.id === selfId);
  const hosts = room.participants.filter((participant) => participant.role === 'host');
  const consistent =
    self?.peerId === frame.peerId &&
    self.role === facts.role &&
    hosts.length === 1 &&
    hosts[0]?.id === room.hostId &&
    new Set(room.participants.map((participant) => participant.id)).size === room.participants.length &&
    room.participants.length <= PEOPLE_LIMIT;
  if (!consistent) {
    throw new AppError('SIGNALING_REFUSED', 'The signaling server described a call that makes no sense.');
  }
  return withHostPresence({
    id: room.callId,
    title: room.title,
    inviteLink: formatInviteLink({
      callId: room.callId,
      server: formatServerAddress(facts.inviteServer),
      token: frame.invite,
    }),
    selfId,
    hostId: room.hostId,
    role: facts.role,
    participants: inOrder(room.participants),
    ticket: {
      peerId: frame.peerId,
      token: frame.peerToken,
      ...facts.ticketServer,
      iceServers: facts.iceServers,
      videoCodec: room.videoCodec,
    },
    connection: 'connected',
    joinedAtMs: facts.joinedAtMs,
    participantLimit: room.participantLimit,
    recording: room.recording,
  });
}
