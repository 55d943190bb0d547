import type { CallRecording } from '../../contract/call.ts';
import {
  callIdSchema,
  identitySchema,
  participantIdSchema,
  peerIdSchema,
  recordingIdSchema,
  type CallId,
  type Identity,
} from '../../contract/ids.ts';
import { roomEventSchema, type RoomEvent } from '../../contract/signaling.ts';
import { NO_ROOMS, type NewSeat, type RoomInvite, type RoomsState } from '../../signaling/room-state.ts';
import type { RoomLimits, RoomsEffect, RoomsInput } from '../../signaling/room-steps.ts';
import { reduceRooms } from '../../signaling/rooms.ts';

export const ROOM_LIMITS: RoomLimits = {
  participantsPerRoom: 6,
  rooms: 3,
  roomsPerAddress: 2,
  rememberedCalls: 2,
  graceMs: 15_000,
  bansPerRoom: 3,
};

function uuid(kind: string, n: number): string {
  const digits = n.toString(16).padStart(12, '0');
  const group =
    { call: 'aaaa', participant: 'bbbb', peer: 'cccc', recording: 'dddd', identity: 'eeee' }[kind] ?? '0000';
  return `00000000-0000-4000-${group}-${digits}`;
}
export const callId = (n: number): CallId => callIdSchema.parse(uuid('call', n));
export const identityOf = (n: number): Identity => identitySchema.parse(uuid('identity', n));
export const idsOf = (n: number): NewSeat => ({
  participantId: participantIdSchema.parse(uuid('participant', n)),
  peerId: peerIdSchema.parse(uuid('peer', n)),
  secret: `secret-of-participant-${n}`,
  peerToken: `peer-token-of-participant-${n}`,
});
/** The n-th invite of a call. */
export const inviteOf = (n: number): RoomInvite => ({ id: `invite-${n}`, token: `an-invite-of-this-call-${n}` });
export const RECORDING: CallRecording = {
  recordingId: recordingIdSchema.parse(uuid('recording', 1)),
  state: 'recording',
  health: { kind: 'ok' },
  elapsedMs: 1000,
  recordedBy: 'Ada',
};

export function createInput(n: number, address = '10.0.0.9', participantLimit = 6): RoomsInput & { kind: 'create' } {
  return {
    kind: 'create',
    connectionId: `c${n}`,
    requestId: 1,
    address,
    callId: callId(n),
    invite: inviteOf(1),
    ids: idsOf(n),
    name: ' Ada ',
    title: ' Standup ',
    participantLimit,
    videoCodec: 'h264',
    microphoneOn: true,
    cameraOn: false,
  };
}

type JoinOptions = {
  room?: number;
  consented?: boolean;
  connectionId?: string;
  /** Who joins, as what seat; person n on connection `c<n>` otherwise. */
  identity?: Identity;
  invite?: number;
};

/** Runs inputs one after the other and remembers what each connection was told. */
export function roomsWorld(limits: RoomLimits = ROOM_LIMITS) {
  let state: RoomsState = NO_ROOMS;
  let effects: RoomsEffect[] = [];
  let invites = 1;
  const run = (input: RoomsInput): RoomsEffect[] => {
    const step = reduceRooms(state, input, limits);
    ({ state, effects } = step);
    for (const effect of effects) if (effect.kind === 'send') roomEventSchema.parse(effect.frame);
    return effects;
  };
  const told = (connectionId: string): RoomEvent[] =>
    effects.flatMap((effect): RoomEvent[] => {
      if ((effect.kind !== 'send' && effect.kind !== 'refuseGuess') || effect.connectionId !== connectionId) return [];
      return effect.kind === 'send'
        ? [effect.frame]
        : [{ type: 'refused', requestId: effect.requestId, error: effect.error }];
    });
  return {
    run,
    state: () => state,
    /** What the last input told a connection. */
    told,
    /** The typed error that the last input told a connection. */
    refusal: (connectionId: string) => refusalIn(told(connectionId)),
    create: (n = 1, address = '10.0.0.1', participantLimit = limits.participantsPerRoom) =>
      run(createInput(n, address, participantLimit)),
    inspect: (connectionId: string, options: { room?: number; identity?: Identity; invite?: number } = {}) =>
      run({
        kind: 'inspect',
        connectionId,
        requestId: 4,
        callId: callId(options.room ?? 1),
        identity: options.identity ?? identityOf(99),
        inviteId: inviteOf(options.invite ?? 1).id,
        joinToken: 'the-join-token-made-for-this',
      }),
    join: (n: number, options: JoinOptions = {}) =>
      run({
        kind: 'join',
        connectionId: options.connectionId ?? `c${n}`,
        requestId: n,
        callId: callId(options.room ?? 1),
        identity: options.identity ?? identityOf(n),
        inviteId: inviteOf(options.invite ?? 1).id,
        ids: idsOf(n),
        name: `Guest ${n}`,
        consented: options.consented ?? false,
        microphoneOn: true,
        cameraOn: true,
      }),
    /** The first removal makes invite 2, the next one 3, and so on. */
    remove: (n: number, connectionId = 'c1') =>
      run({
        kind: 'remove',
        connectionId,
        requestId: 8,
        participantId: idsOf(n).participantId,
        newInvite: () => inviteOf((invites += 1)),
      }),
    resume: (n: number, connectionId: string, secret = idsOf(n).secret, room = 1) =>
      run({
        kind: 'resume',
        connectionId,
        requestId: 9,
        callId: callId(room),
        participantId: idsOf(n).participantId,
        secret,
      }),
    room: () => state.rooms.get(callId(1)),
  };
}

/** The code of the first refusal among frames, or null. */
export function refusalIn(frames: RoomEvent[]): string | null {
  const frame = frames.find((candidate) => candidate.type === 'refused');
  return frame?.type === 'refused' ? frame.error.code : null;
}
