import type { Call, CallEndReason, CallPreview, CallRecording, VideoCodec } from '../../contract/call.ts';
import { AppError } from '../../contract/errors.ts';
import type { CallId, Identity, ParticipantId } from '../../contract/ids.ts';
import { parseInviteLink } from '../../contract/invite.ts';
import type { FileFormat } from '../../contract/recording.ts';
import type { Settings } from '../../contract/settings.ts';
import { ROOM_PROTOCOL } from '../../contract/signaling.ts';
import { callFromEntered, NO_CALL, reduceCall, type CallState, type CallStateEvent } from './call-state.ts';
import type { CallsClock, CallsLog } from './calls-ports.ts';
import { createReconnectPolicy } from './reconnect-policy.ts';
import { createRecordingBeat } from './recording-beat.ts';
import {
  createRoomClient,
  type EnteredFrame,
  type Entry,
  type RoomClient,
  type RoomClientEvent,
} from './room-client.ts';
import type { OpenRoomSocket } from './room-socket.ts';
import { parseServerAddress, reachableHosts, type ServerAddress } from './server-address.ts';

type Media = { microphoneOn: boolean; cameraOn: boolean };

/** What listeners are told after every change: the call, or why there is none (null before the first). */
export type CallChange = { call: Call | null; endReason: CallEndReason | null };

/** The signaling server inside this app, as far as the calls need it. */
export type EmbeddedServer = { address: { host: string; port: number }; close(): Promise<void> };

/** Everything outside that the calls touch. */
export type CallsPorts = {
  settings: () => Settings;
  startServer: (config: { host: string; port: number }) => Promise<EmbeddedServer>;
  connect: OpenRoomSocket;
  /** Who this app is to a call, the same for the same call. */
  identityFor: (callId: CallId) => Identity;
  /** IPv4 addresses by which other machines reach this one, best first. */
  networkAddresses: () => string[];
  clock: CallsClock;
  /** A number from 0 to below 1. */
  random: () => number;
  log: CallsLog;
};

/** The one call of this app: who is in it, what it may do, how it ends. */
export type Calls = {
  create(input: { name: string; title: string; maxParticipants: number } & Media): Promise<Call>;
  inspect(link: string): Promise<CallPreview>;
  join(input: { link: string; name: string; consented: boolean } & Media): Promise<Call>;
  setMedia(media: Media): void;
  leave(): Promise<void>;
  end(): Promise<void>;
  /** Host only: takes somebody out of the call for good; the invite link is a new one when it resolves. */
  remove(participantId: ParticipantId): Promise<void>;
  current(): Call | null;
  subscribe(listener: (change: CallChange) => void): () => void;
  /** Host only: what everybody sees on the tally light; null outside a call is taken as read. */
  publishRecording(recording: CallRecording | null): void;
  /** The call, when this app hosts it; else throws NOT_IN_CALL or NOT_HOST. */
  requireHost(): Call;
  /** The call; else throws NOT_IN_CALL. */
  requireParticipant(): Call;
  /** Leaves whatever runs and takes no more calls. */
  close(): Promise<void>;
};

type Active = { client: RoomClient; server: EmbeddedServer | null };
/** Where a call is: for this app's own window, for the others, and the server if it is this app's own. */
type Found = { ticket: ServerAddress; invite: ServerAddress; server: EmbeddedServer | null };
type Phase = { kind: 'idle' } | { kind: 'entering' } | { kind: 'inCall'; active: Active } | { kind: 'closed' };

/** Makes the calls service of an app. */
export function createCalls(ports: CallsPorts): Calls {
  const { settings, identityFor, clock, log } = ports;
  const policy = createReconnectPolicy(ports.random);
  const listeners = new Set<(change: CallChange) => void>();
  let phase: Phase = { kind: 'idle' };
  let entering: Promise<unknown> = Promise.resolve();
  let stopEntering = (): void => undefined;
  let teardown: Promise<void> = Promise.resolve();
  let state: CallState = NO_CALL;

  const callNow = (): Call | null => (state.kind === 'inCall' ? state.call : null);

  const dispatch = (event: CallStateEvent): void => {
    const before = state;
    state = reduceCall(state, event);
    if (state === before) return;
    const change: CallChange = {
      call: callNow(),
      endReason: state.kind === 'none' ? state.endReason : null,
    };
    if (state.kind === 'none' && phase.kind === 'inCall') {
      const { active } = phase;
      phase = { kind: 'idle' };
      beat.stop();
      log.info({ reason: state.endReason }, 'The call is over.');
      teardown = release(active);
    }
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        log.warn({ error: String(error) }, 'A listener of the calls failed.');
      }
    }
  };

  const beat = createRecordingBeat(clock, () => dispatch({ kind: 'recordingSilent' }));

  /** Only a guest listens: the host's own app knows for itself. */
  const listenForBeat = (): void => {
    const call = callNow();
    beat.heard(call === null || call.role === 'host' ? null : call.recording);
  };

  /** Closes the connection first, so that everything said in it is out before an embedded server goes. */
  const release = async (active: Active): Promise<void> => {
    await active.client.close();
    await active.server?.close();
  };

  const onClientEvent = (event: Exclude<RoomClientEvent, { kind: 'entered' }>): void => {
    switch (event.kind) {
      case 'frame':
        if (event.frame.type === 'refused') {
          log.warn({ code: event.frame.error.code }, 'The signaling server refused a frame.');
        }
        dispatch({ kind: 'frame', frame: event.frame });
        if (event.frame.type === 'recording') listenForBeat();
        break;
      case 'reconnecting':
        dispatch({ kind: 'reconnecting' });
        break;
      case 'resumed':
        takeUp(event.frame);
        break;
      case 'gone':
        dispatch({ kind: 'over', reason: event.reason });
        break;
    }
  };

  /** After a resume the server hears again what this app decided while it was away. */
  const takeUp = (frame: EnteredFrame): void => {
    const call = callNow();
    const self = call?.participants.find((participant) => participant.id === call.selfId);
    dispatch({ kind: 'resumed', room: frame.room, invite: frame.invite });
    listenForBeat();
    if (call === null || self === undefined || phase.kind !== 'inCall') return;
    const { microphoneOn, cameraOn } = self;
    dispatch({ kind: 'ownMedia', microphoneOn, cameraOn });
    phase.active.client.say({ type: 'media', microphoneOn, cameraOn });
    if (call.role === 'host') phase.active.client.say({ type: 'recording', recording: call.recording });
  };

  const enter = async (question: Entry, find: () => Promise<Found>): Promise<Call> => {
    if (phase.kind === 'closed') throw new AppError('ABORTED', 'The app is closing.');
    if (phase.kind !== 'idle') {
      throw new AppError('ALREADY_IN_CALL', 'This app is in a call already. Leave it first.');
    }
    phase = { kind: 'entering' };
    const entry = runEntry(question, find);
    entering = entry.catch(() => undefined);
    return entry;
  };

  const runEntry = async (question: Entry, find: () => Promise<Found>): Promise<Call> => {
    let active: Active | null = null;
    try {
      await teardown;
      const { ticket, invite, server } = await find();
      const role = question.type === 'create' ? 'host' : 'participant';
      const client = createRoomClient({
        address: ticket,
        open: ports.connect,
        policy,
        clock,
        log,
        onEvent: (event) => {
          if (event.kind !== 'entered') return onClientEvent(event);
          const call = callFromEntered(event.frame, {
            role,
            inviteServer: invite,
            ticketServer: ticket,
            iceServers: settings().iceServers,
            joinedAtMs: clock.wallNowMs(),
          });
          if (question.type === 'join' && !question.consented && call.recording !== null) throw notConsented(call);
          if (phase.kind !== 'entering') throw new AppError('ABORTED', 'Entering the call was given up.');
          phase = { kind: 'inCall', active: { client, server } };
          log.info({ role, people: call.participants.length }, 'Entered a call.');
          dispatch({ kind: 'entered', call });
          listenForBeat();
          return undefined;
        },
      });
      active = { client, server };
      stopEntering = () => void client.close();
      if (isClosed()) throw new AppError('ABORTED', 'The app is closing.');
      await client.enter(question);
      return requireParticipant();
    } catch (error) {
      if (phase.kind === 'entering') phase = { kind: 'idle' };
      if (active !== null) await release(active);
      throw error;
    } finally {
      stopEntering = () => undefined;
    }
  };

  const isClosed = (): boolean => phase.kind === 'closed';

  const requireParticipant = (): Call => {
    const call = callNow();
    if (call === null) throw new AppError('NOT_IN_CALL', 'There is no call. Create or join one first.');
    return call;
  };

  const requireHost = (): Call => {
    const call = requireParticipant();
    if (call.role !== 'host') throw new AppError('NOT_HOST', 'Only the host of the call can do this.');
    return call;
  };

  const finish = async (reason: CallEndReason): Promise<void> => {
    dispatch({ kind: 'over', reason });
    await teardown;
  };

  const leave = async (): Promise<void> => {
    requireParticipant();
    if (phase.kind === 'inCall') phase.active.client.say({ type: 'leave' });
    await finish('left');
  };

  return {
    create: async ({ name, title, maxParticipants, microphoneOn, cameraOn }) =>
      enter(
        {
          type: 'create',
          protocol: ROOM_PROTOCOL,
          name,
          title,
          participantLimit: maxParticipants,
          videoCodec: videoCodecFor(settings().format),
          microphoneOn,
          cameraOn,
        },
        async () => {
          const { signalingServer, signalingListenHost } = settings();
          if (signalingServer !== '') {
            const address = parseServerAddress(signalingServer);
            return { ticket: address, invite: address, server: null };
          }
          const server = await ports.startServer({ host: signalingListenHost, port: 0 });
          const hosts = reachableHosts(signalingListenHost, ports.networkAddresses());
          const { port } = server.address;
          return {
            ticket: { host: hosts.own, port, secure: false },
            invite: { host: hosts.invite, port, secure: false },
            server,
          };
        },
      ),
    inspect: async (link) => {
      const invite = parseInviteLink(link);
      const socket = await ports.connect(parseServerAddress(invite.server), {
        onEvent: () => undefined,
        onLost: () => undefined,
      });
      try {
        return await socket.ask(
          {
            type: 'inspect',
            protocol: ROOM_PROTOCOL,
            callId: invite.callId,
            identity: identityFor(invite.callId),
            invite: invite.token,
          },
          (answer) => {
            if (answer.type === 'inspected' && answer.preview.id === invite.callId) return answer.preview;
            throw new AppError('SIGNALING_REFUSED', 'The signaling server gave an answer that makes no sense.');
          },
        );
      } finally {
        await socket.close();
      }
    },
    join: async ({ link, name, consented, microphoneOn, cameraOn }) => {
      const invite = parseInviteLink(link);
      const address = parseServerAddress(invite.server);
      return enter(
        {
          type: 'join',
          protocol: ROOM_PROTOCOL,
          callId: invite.callId,
          identity: identityFor(invite.callId),
          invite: invite.token,
          name,
          consented,
          microphoneOn,
          cameraOn,
        },
        async () => ({ ticket: address, invite: address, server: null }),
      );
    },
    setMedia: ({ microphoneOn, cameraOn }) => {
      requireParticipant();
      dispatch({ kind: 'ownMedia', microphoneOn, cameraOn });
      if (phase.kind === 'inCall') phase.active.client.say({ type: 'media', microphoneOn, cameraOn });
    },
    leave,
    end: async () => {
      requireHost();
      if (phase.kind === 'inCall') {
        // When the server is out of reach the call still ends here; the others hear it when the grace is over.
        await phase.active.client.end().catch((error: unknown) => {
          log.warn({ error: String(error) }, 'The end of the call could not be told.');
        });
      }
      if (callNow() !== null) await finish('endedByHost');
      await teardown;
    },
    remove: async (participantId) => {
      requireHost();
      if (phase.kind === 'inCall') await phase.active.client.remove(participantId);
    },
    current: callNow,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    publishRecording: (recording) => {
      if (recording === null && callNow() === null) return;
      requireHost();
      dispatch({ kind: 'ownRecording', recording });
      if (phase.kind === 'inCall') phase.active.client.say({ type: 'recording', recording });
    },
    requireHost,
    requireParticipant,
    close: async () => {
      if (callNow() !== null) await leave();
      phase = { kind: 'closed' };
      stopEntering();
      await entering;
      await teardown;
    },
  };
}

/** The codec that the chosen container can hold as it is received (DESIGN rule 6). */
function videoCodecFor(format: FileFormat): VideoCodec {
  return format === 'webm' ? 'vp8' : 'h264';
}

function notConsented(call: Call): AppError {
  const who = call.recording?.recordedBy ?? 'The host';
  return new AppError('CONFLICT', `${who} is recording this call. Read the notice and choose to continue to join.`, {
    retryable: true,
    details: { recording: true },
  });
}
