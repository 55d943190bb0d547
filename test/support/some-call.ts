import { callSchema, type Call } from '../../contract/call.ts';

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Somebody in such a call, as the room tells of them, and what of them is otherwise. */
export function somePerson(otherwise: object = {}): object {
  return {
    id: id(1),
    peerId: id(101),
    name: 'Ada',
    role: 'host',
    microphoneOn: true,
    cameraOn: true,
    order: 0,
    present: true,
    ...otherwise,
  };
}

/** A call as its host's window gets it, with nobody listed and no recording, and what of it is otherwise. */
export function someCall(otherwise: object = {}): Call {
  return callSchema.parse({
    id: '00000000-0000-4000-8000-00000000ca11',
    title: 'Monday',
    inviteLink: 'tallylight://join/x',
    selfId: id(1),
    hostId: id(1),
    role: 'host',
    participants: [],
    ticket: {
      peerId: id(101),
      token: 'sixteen characters',
      host: '127.0.0.1',
      port: 1,
      secure: false,
      iceServers: [],
      videoCodec: 'h264',
    },
    connection: 'connected',
    joinedAtMs: 0,
    participantLimit: 6,
    recording: null,
    ...otherwise,
  });
}
