import { parseUntrusted } from '../contract/parse-untrusted.ts';
import { assertNever } from '../contract/errors.ts';
import { peerIdSchema, type CallId, type PeerId } from '../contract/ids.ts';
import { CLOSE_CODES, peerRequestSchema } from '../contract/signaling.ts';
import type { GuardedSocket } from './guarded-socket.ts';
import type { SignalingLimits } from './limits.ts';
import { secretsMatch } from './tokens.ts';

/** The key that PeerJS sends when an app sets none (peerjs 1.5 `lib/peer.ts`, DEFAULT_KEY). */
const PEER_KEY = 'peerjs';

/** How a PeerJS client is turned away: a frame it understands, and a close code for everybody else. */
export type PeerRefusal = { frame: { type: string; payload: { msg: string } }; code: number };

export type PeerPorts = {
  /** The call that a peer id belongs to and the token it was given; null for an unknown id. */
  placeOf: (peerId: PeerId) => { callId: CallId; peerToken: string } | null;
  /** The token that a removed peer had; null for one that was not removed. */
  removedToken: (peerId: PeerId) => string | null;
  limits: Pick<SignalingLimits, 'peerQuietMs' | 'peerQueueMs' | 'peerQueueBytes'>;
  nowMs: () => number;
};

type Waiting = { from: PeerId; type: string; text: string; sinceMs: number };

/** The PeerJS door: who may hold a peer's socket, and which frames pass between peers of one call. */
export type Peers = {
  /** Checks the query of a connecting PeerJS client: `?key&id&token&version`. A `guess` is an id or token not given out here. */
  admit(
    query: URLSearchParams,
  ): { kind: 'peer'; peerId: PeerId } | { kind: 'refused'; refusal: PeerRefusal; guess: boolean };
  open(peerId: PeerId, socket: GuardedSocket): void;
  /** Takes one frame of a peer; false when it does not parse. */
  take(peerId: PeerId, socket: GuardedSocket, frame: unknown): boolean;
  closed(peerId: PeerId, socket: GuardedSocket): void;
  /** The peer's place is gone: its socket is closed with this code. */
  drop(peerId: PeerId, code: number): void;
  /** Tells senders of frames that nobody came for. */
  sweep(nowMs: number): void;
};

/** Makes the PeerJS door; sockets are handed in by the server. */
export function createPeers(ports: PeerPorts): Peers {
  const sockets = new Map<PeerId, GuardedSocket>();
  const queues = new Map<PeerId, Waiting[]>();

  const relay = (from: PeerId, to: PeerId, message: { type: string; payload?: unknown }): void => {
    const place = ports.placeOf(from);
    // Unknown peers and peers of other calls look alike from here: nothing comes back.
    if (place === null || ports.placeOf(to)?.callId !== place.callId) return;
    const text = JSON.stringify({ type: message.type, src: from, dst: to, payload: message.payload });
    const target = sockets.get(to);
    if (target !== undefined) {
      target.sendText(text);
      return;
    }
    // A peer of the call whose window is still opening its socket, or is on its way back.
    const queue = queues.get(to) ?? [];
    const queuedBytes = queue.reduce((sum, waiting) => sum + waiting.text.length, 0);
    if (queuedBytes + text.length > ports.limits.peerQueueBytes) {
      sockets.get(from)?.send(expired(from, to));
      return;
    }
    queue.push({ from, type: message.type, text, sinceMs: ports.nowMs() });
    queues.set(to, queue);
  };

  return {
    admit: (query) => {
      if (query.get('key') !== PEER_KEY) return refuse('INVALID-KEY', 'Invalid key provided', CLOSE_CODES.badToken);
      const peerId = parseUntrusted(peerIdSchema, query.get('id'));
      const place = peerId.success ? ports.placeOf(peerId.data) : null;
      const token = query.get('token') ?? '';
      const removedToken = peerId.success && place === null ? ports.removedToken(peerId.data) : null;
      if (removedToken !== null && secretsMatch(token, removedToken)) {
        return refuse('ERROR', 'Removed from the call', CLOSE_CODES.removed);
      }
      if (!peerId.success || place === null || !secretsMatch(token, place.peerToken)) {
        return { ...refuse('ERROR', 'Invalid id or token provided', CLOSE_CODES.badToken), guess: true };
      }
      const current = sockets.get(peerId.data);
      const alive = current?.isOpen() === true && ports.nowMs() - current.heardAtMs() < ports.limits.peerQuietMs;
      if (alive) {
        return refuse('ID-TAKEN', 'ID is taken', CLOSE_CODES.replaced);
      }
      return { kind: 'peer', peerId: peerId.data };
    },
    open: (peerId, socket) => {
      sockets.get(peerId)?.close(CLOSE_CODES.replaced, 'connected again');
      sockets.set(peerId, socket);
      socket.send({ type: 'OPEN' });
      const queue = queues.get(peerId) ?? [];
      queues.delete(peerId);
      for (const waiting of queue) socket.sendText(waiting.text);
    },
    take: (peerId, socket, frame) => {
      const parsed = parseUntrusted(peerRequestSchema, frame);
      if (!parsed.success) return false;
      const request = parsed.data;
      switch (request.type) {
        case 'HEARTBEAT':
          return true;
        case 'OFFER':
          // No app of ours opens a data connection, and the receiving PeerJS would set one up before the app could refuse it.
          if (request.payload.type === 'media') relay(peerId, request.dst, request);
          return true;
        case 'ANSWER':
        case 'CANDIDATE':
          relay(peerId, request.dst, request);
          return true;
        case 'LEAVE':
          if (request.dst === undefined) socket.close(1000, 'left');
          else relay(peerId, request.dst, { type: 'LEAVE' });
          return true;
        case 'EXPIRE':
          // Only the server says that nobody came: a peer must not say it of another.
          return true;
        default:
          return assertNever(request);
      }
    },
    closed: (peerId, socket) => {
      if (sockets.get(peerId) === socket) sockets.delete(peerId);
    },
    drop: (peerId, code) => {
      sockets.get(peerId)?.close(code, 'no longer in the call');
      sockets.delete(peerId);
      queues.delete(peerId);
      for (const [to, queue] of queues) {
        const rest = queue.filter(({ from }) => from !== peerId);
        if (rest.length === 0) queues.delete(to);
        else queues.set(to, rest);
      }
    },
    sweep: (nowMs) => {
      for (const [to, queue] of queues) {
        const late = queue.filter((waiting) => nowMs - waiting.sinceMs >= ports.limits.peerQueueMs);
        const rest = queue.filter((waiting) => !late.includes(waiting));
        if (rest.length === 0) queues.delete(to);
        else queues.set(to, rest);
        for (const waiting of late) {
          if (waiting.type === 'OFFER') sockets.get(waiting.from)?.send(expired(waiting.from, to));
        }
      }
    },
  };
}

/** PeerServer's answer for a message that nobody took: the client hears it as 'peer-unavailable'. */
function expired(from: PeerId, to: PeerId): object {
  return { type: 'EXPIRE', src: to, dst: from };
}

function refuse(type: string, msg: string, code: number): { kind: 'refused'; refusal: PeerRefusal; guess: boolean } {
  return { kind: 'refused', refusal: { frame: { type, payload: { msg } }, code }, guess: false };
}
