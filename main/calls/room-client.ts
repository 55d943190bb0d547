import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { callEndReasonSchema, type CallEndReason } from '../../contract/call.ts';
import { AppError } from '../../contract/errors.ts';
import type { ParticipantId } from '../../contract/ids.ts';
import { CLOSE_CODES, ROOM_PROTOCOL, type RoomEvent } from '../../contract/signaling.ts';
import type { CallsClock, CallsLog } from './calls-ports.ts';
import type { ReconnectPolicy, ReconnectReason } from './reconnect-policy.ts';
import type { OpenRoomSocket, RoomQuestion, RoomSocket, RoomStatement } from './room-socket.ts';
import type { ServerAddress } from './server-address.ts';

/** How to get into a call: make one, or go by an invite. */
export type Entry =
  | Extract<RoomQuestion, { type: 'create' }>
  | (Omit<Extract<RoomQuestion, { type: 'join' }>, 'joinToken'> & { invite: string });

export type EnteredFrame = Extract<RoomEvent, { type: 'entered' }>;

/** What happens to a place in a room, in order. */
export type RoomClientEvent =
  | { kind: 'entered'; frame: EnteredFrame }
  | { kind: 'frame'; frame: RoomEvent }
  | { kind: 'reconnecting' }
  | { kind: 'resumed'; frame: EnteredFrame }
  /** The place is lost for good. */
  | { kind: 'gone'; reason: CallEndReason };

/** One place in one room, kept over broken connections. */
export type RoomClient = {
  /** Connects and enters; `entered` was handed on when it resolves. */
  enter(entry: Entry): Promise<void>;
  /** Sends a frame when connected; while reconnecting it is dropped, and whoever keeps the state sends it after `resumed`. */
  say(statement: RoomStatement): void;
  /** Ends the call for all; resolves when the server did it. */
  end(): Promise<void>;
  /** Takes somebody out of the call; resolves when the server did it. Host only. */
  remove(participantId: ParticipantId): Promise<void>;
  /** Goes without another word and never comes back; resolves when the connection is gone. */
  close(): Promise<void>;
};

type Place = Pick<EnteredFrame, 'selfId' | 'secret'> & { callId: EnteredFrame['room']['callId'] };

/** Makes a client for one room at one server. */
export function createRoomClient(options: {
  address: ServerAddress;
  open: OpenRoomSocket;
  policy: ReconnectPolicy;
  clock: CallsClock;
  log: CallsLog;
  onEvent: (event: RoomClientEvent) => void;
}): RoomClient {
  const { address, open, policy, clock, log, onEvent } = options;
  let socket: RoomSocket | null = null;
  let place: Place | null = null;
  let over = false;
  let stopTimer = (): void => undefined;

  const giveUp = (reason: CallEndReason): void => {
    if (over) return;
    over = true;
    stopTimer();
    onEvent({ kind: 'gone', reason });
  };

  const connect = async (): Promise<RoomSocket> => {
    let mine: RoomSocket | null = null;
    const opened = await open(address, {
      onEvent: (frame) => {
        if (!over) onEvent({ kind: 'frame', frame });
      },
      onLost: (closeCode) => {
        if (mine === null || socket !== mine) return;
        socket = null;
        lost(closeCode);
      },
    });
    mine = opened;
    return opened;
  };

  const lost = (closeCode: number): void => {
    if (over || place === null) return;
    const meant = meaningOf(closeCode);
    if (meant.kind === 'over') return giveUp(meant.reason);
    log.warn({ closeCode }, 'The connection to the signaling server broke.');
    onEvent({ kind: 'reconnecting' });
    retry(place, 0, clock.nowMs(), meant.reason);
    return undefined;
  };

  const retry = (place: Place, attempt: number, sinceMs: number, reason: ReconnectReason): void => {
    if (over) return;
    const delayMs = policy(attempt, clock.nowMs() - sinceMs, reason);
    if (delayMs === null) {
      log.warn({ attempt }, 'Gave up on the signaling server.');
      giveUp('serverGone');
      return;
    }
    stopTimer = clock.setTimer(() => {
      resume(place).catch((error: unknown) => {
        if (over) return;
        const reason = endOf(error);
        if (reason === null) retry(place, attempt + 1, sinceMs, isTurnedAway(error) ? 'turnedAway' : 'unreachable');
        else giveUp(reason);
      });
    }, delayMs);
  };

  const resume = async (place: Place): Promise<void> => {
    const next = await connect();
    if (over) return next.close();
    try {
      await next.ask(
        {
          type: 'resume',
          protocol: ROOM_PROTOCOL,
          callId: place.callId,
          participantId: place.selfId,
          secret: place.secret,
        },
        (answer) => {
          if (answer.type !== 'entered' || answer.selfId !== place.selfId || answer.room.callId !== place.callId) {
            throw strange();
          }
          if (over) return;
          socket = next;
          log.info({}, 'Came back to the call.');
          onEvent({ kind: 'resumed', frame: answer });
        },
      );
    } catch (error) {
      await next.close();
      throw error;
    }
    if (over) await next.close();
    return undefined;
  };

  const tell = async (question: Extract<RoomQuestion, { type: 'end' | 'remove' }>): Promise<void> => {
    if (socket === null) {
      throw new AppError('SIGNALING_UNREACHABLE', 'The signaling server is not reached.', { retryable: true });
    }
    await socket.ask(question, (answer) => {
      if (answer.type !== 'done') throw strange();
    });
  };

  return {
    enter: async (entry) => {
      const first = await connect();
      if (over) {
        await first.close();
        throw new AppError('ABORTED', 'Entering the call was given up.');
      }
      socket = first;
      let seated = false;
      try {
        await first.ask(await questionOf(entry, first), (answer) => {
          if (answer.type !== 'entered') throw strange();
          seated = true;
          onEvent({ kind: 'entered', frame: answer });
          place = { callId: answer.room.callId, selfId: answer.selfId, secret: answer.secret };
        });
      } catch (error) {
        over = true;
        socket = null;
        // The server let us in, but its answer was not acceptable: nobody is to see us wait out the grace.
        if (seated) first.say({ type: 'leave' });
        await first.close();
        throw error;
      }
    },
    say: (statement) => socket?.say(statement),
    end: () => tell({ type: 'end' }),
    remove: (participantId) => tell({ type: 'remove', participantId }),
    close: async () => {
      over = true;
      stopTimer();
      const last = socket;
      socket = null;
      await last?.close();
    },
  };
}

/** An invite is exchanged for a token that lets this app in, and only now, on the connection that it enters by. */
async function questionOf(
  entry: Entry,
  socket: RoomSocket,
): Promise<Extract<RoomQuestion, { type: 'create' | 'join' }>> {
  if (entry.type === 'create') return entry;
  const { invite, ...question } = entry;
  const { protocol, callId, identity } = question;
  const joinToken = await socket.ask({ type: 'inspect', protocol, callId, identity, invite }, (answer) => {
    if (answer.type !== 'inspected' || answer.preview.id !== callId) throw strange();
    return answer.joinToken;
  });
  return { ...question, joinToken };
}

/** What a connection that the server closed while we were in the call means for the place. */
function meaningOf(
  closeCode: number,
): { kind: 'over'; reason: CallEndReason } | { kind: 'lost'; reason: ReconnectReason } {
  switch (closeCode) {
    case CLOSE_CODES.removed:
      return { kind: 'over', reason: 'removed' };
    case CLOSE_CODES.callEnded:
      return { kind: 'over', reason: 'endedByHost' };
    // Another connection took this place over: going back would only throw that one out.
    case CLOSE_CODES.replaced:
      return { kind: 'over', reason: 'serverGone' };
    case CLOSE_CODES.badFrame:
    case CLOSE_CODES.badToken:
    case CLOSE_CODES.tooFast:
    case CLOSE_CODES.tooManySockets:
      return { kind: 'lost', reason: 'turnedAway' };
    default:
      return { kind: 'lost', reason: 'connectionLost' };
  }
}

function isTurnedAway(error: unknown): boolean {
  return error instanceof AppError && error.code === 'RATE_LIMITED';
}

/** Why a refused `resume` ends the call, or null when another attempt makes sense. */
function endOf(error: unknown): CallEndReason | null {
  if (!(error instanceof AppError)) return 'serverGone';
  if (error.code === 'CALL_ENDED') {
    return parseUntrusted(callEndReasonSchema, error.details?.['reason']).data ?? 'serverGone';
  }
  if (error.code === 'REMOVED_FROM_CALL') return 'removed';
  // The server restarted and has never heard of the call, or the place was given up while we were away.
  if (error.code === 'CALL_NOT_FOUND' || error.code === 'NOT_IN_CALL') return 'serverGone';
  // A proxy may refuse for a while what the server behind it will take.
  return error.retryable || error.code === 'SIGNALING_REFUSED' ? null : 'serverGone';
}

function strange(): AppError {
  return new AppError('SIGNALING_REFUSED', 'The signaling server gave an answer that makes no sense.');
}
