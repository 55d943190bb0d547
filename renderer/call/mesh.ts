import { Peer, SocketEventType } from 'peerjs';
import { z } from 'zod';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { participantIdSchema } from '../../contract/ids.ts';
import { createListeners } from './listeners.ts';
import { forgetLostMessages } from './lost-messages.ts';
import { createMeshLink } from './mesh-link.ts';
import { createPlaceholders } from './placeholders.ts';
import { preferVideoCodec } from './preferred-codec.ts';
import { reconnectDelay } from './reconnect-policy.ts';
import type { MediaConnection } from 'peerjs';
import type { Participant, PeerTicket } from '../../contract/call.ts';
import type { MediaPath, MeshLink } from './mesh-link.ts';
import type { SendLimits, Transport, TransportEvent } from './transport.ts';

/** What a caller says of itself; it is compared with what the room says of the peer. */
const metadataSchema = z.object({ participantId: participantIdSchema });

/** A caller that the room has not announced yet is kept waiting this long. */
const ANNOUNCEMENT_MS = 5_000;
const MAX_WAITING_CALLERS = 8;
/** Offers that waited for this page at the server come right behind its opening; who is silent then knows only the page before. */
const OFFERS_COME_WITHIN_MS = 250;
/** A server that cannot be reached is tried again for as long as the call lasts, at most this far apart. */
const LARGEST_SERVER_PAUSE_MS = 5_000;

export type MeshOptions = { ticket: PeerTicket; selfId: string; audioContext: AudioContext; limits: SendLimits };

/** The first transport: one PeerJS connection between every two people; the later one in the room dials the earlier. */
export function createMesh({ ticket, selfId, audioContext, limits: firstLimits }: MeshOptions): Transport {
  const listeners = createListeners<TransportEvent>();
  const placeholders = createPlaceholders(audioContext);
  const links = new Map<string, MeshLink>();
  const waitingCallers = new Map<MediaConnection, ReturnType<typeof setTimeout>>();
  const published: { audio: MediaStreamTrack | null; video: MediaStreamTrack | null } = { audio: null, video: null };
  let people: readonly Participant[] = [];
  let limits = firstLimits;
  let peer: Peer;
  let serverOpen = false;
  let serverAttempt = 0;
  let serverTimer: ReturnType<typeof setTimeout> | undefined;
  let askedForCalls = false;
  let callsTimer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const sdpTransform = (sdp: unknown): unknown =>
    typeof sdp === 'string' ? preferVideoCodec(sdp, ticket.videoCodec) : sdp;

  function trackFor(kind: 'audio' | 'video'): MediaStreamTrack | null {
    // Sound never stops flowing, so that a recorder of it never waits: silence stands in for a missing microphone.
    return kind === 'audio' ? (published.audio ?? placeholders.audio) : published.video;
  }

  function connectToServer(): void {
    serverOpen = false;
    // Every default of PeerJS that points at a public server is overridden; the id comes from the room, not by request.
    peer = new Peer(ticket.peerId, {
      host: ticket.host,
      port: ticket.port,
      path: '/',
      key: 'peerjs',
      secure: ticket.secure,
      token: ticket.token,
      config: { iceServers: ticket.iceServers },
    });
    const current = peer;
    current.on('open', () => {
      serverOpen = true;
      serverAttempt = 0;
      for (const link of links.values()) link.serverOpened();
      if (askedForCalls) return;
      askedForCalls = true;
      callsTimer = setTimeout(askForCalls, OFFERS_COME_WITHIN_MS);
    });
    // PeerJS's own listener was there first: what it could use of the frame is used.
    current.socket.on(SocketEventType.Message, () => forgetLostMessages(current));
    current.on('disconnected', () => retryServer());
    current.on('close', () => retryServer());
    // Each error is followed by 'disconnected' or 'close' where it matters; links find out by their own timers.
    current.on('error', () => undefined);
    current.on('connection', (connection) => connection.close());
    current.on('call', (connection) => takeCall(connection));
  }

  /**
   * Asks those who dial us to do it now. They may still hold a connection to this window's page before a crash, which looks whole
   * to them for many seconds: PeerJS closes it when it is told that we left, and a closed connection is dialled again at once.
   */
  function askForCalls(): void {
    const self = people.find((person) => person.id === selfId);
    if (self === undefined || !serverOpen) return;
    for (const person of people) {
      const isSilent = links.get(person.id)?.hasPath() === false;
      if (person.order > self.order && isSilent) peer.socket.send({ type: 'LEAVE', dst: person.peerId });
    }
  }

  /** The socket to the server broke: media goes on without it, new connections wait for it. */
  function retryServer(): void {
    serverOpen = false;
    if (closed) return;
    clearTimeout(serverTimer);
    const delayMs = Math.min(LARGEST_SERVER_PAUSE_MS, reconnectDelay(serverAttempt, 0, 'lost') ?? 0);
    serverAttempt += 1;
    serverTimer = setTimeout(() => {
      if (closed) return;
      if (peer.destroyed) connectToServer();
      else if (peer.disconnected) peer.reconnect();
    }, delayMs);
  }

  function takeCall(connection: MediaConnection): void {
    const caller = people.find((person) => person.peerId === connection.peer);
    if (caller === undefined) {
      // The room's word of a newcomer travels another way than the offer: it may be a moment behind.
      if (waitingCallers.size >= MAX_WAITING_CALLERS) {
        connection.close();
        return;
      }
      const timer = setTimeout(() => {
        waitingCallers.delete(connection);
        connection.close();
      }, ANNOUNCEMENT_MS);
      waitingCallers.set(connection, timer);
      return;
    }
    const self = people.find((person) => person.id === selfId);
    const metadata = parseUntrusted(metadataSchema, connection.metadata);
    const link = links.get(caller.id);
    const rightful =
      self !== undefined && caller.order > self.order && metadata.success && metadata.data.participantId === caller.id;
    if (!rightful || link === undefined) {
      connection.close();
      return;
    }
    connection.answer(placeholders.stream, { sdpTransform });
    link.adopt(pathOf(connection));
  }

  function dial(person: Participant): MediaPath | null {
    if (!serverOpen || closed) return null;
    const connection = peer.call(person.peerId, placeholders.stream, {
      metadata: { participantId: selfId },
      sdpTransform,
    });
    return connection === undefined ? null : pathOf(connection);
  }

  function pathOf(connection: MediaConnection): MediaPath {
    const { peerConnection } = connection;
    return {
      peerConnection,
      onEnd(listener) {
        connection.on('close', listener);
        connection.on('error', listener);
      },
      close: () => connection.close(),
    };
  }

  function setPeople(participants: readonly Participant[]): void {
    people = participants;
    const self = participants.find((person) => person.id === selfId);
    const others = participants.filter((person) => person.id !== selfId);
    for (const [id, link] of links) {
      const now = others.find((person) => person.id === id);
      if (now !== undefined && now.peerId === link.person.peerId) continue;
      links.delete(id);
      link.close();
    }
    if (self === undefined) return;
    for (const person of others) {
      const link = links.get(person.id);
      if (link !== undefined) {
        link.update(person);
        continue;
      }
      const created = createMeshLink({
        person,
        dial: self.order > person.order ? () => dial(person) : null,
        trackFor,
        limits: () => limits,
        tell: (event) => listeners.tell(event),
      });
      links.set(person.id, created);
      created.start();
    }
    for (const [connection, timer] of waitingCallers) {
      if (!participants.some((person) => person.peerId === connection.peer)) continue;
      clearTimeout(timer);
      waitingCallers.delete(connection);
      takeCall(connection);
    }
  }

  function setPublished(kind: 'audio' | 'video', track: MediaStreamTrack | null): void {
    if (published[kind] === track) return;
    published[kind] = track;
    for (const link of links.values()) link.sendCurrent(kind);
  }

  connectToServer();
  return {
    setPeople,
    publish: setPublished,
    unpublish: (kind) => setPublished(kind, null),
    setLimits(next) {
      limits = next;
      for (const link of links.values()) link.applyLimits();
    },
    measure: () => Promise.all([...links.values()].map((link) => link.measure())),
    levelOf: (participantId) => links.get(participantId)?.level() ?? 0,
    subscribe: (listener) => listeners.add(listener),
    close() {
      closed = true;
      clearTimeout(serverTimer);
      clearTimeout(callsTimer);
      for (const timer of waitingCallers.values()) clearTimeout(timer);
      for (const link of links.values()) link.close();
      links.clear();
      listeners.clear();
      peer.destroy();
      placeholders.stop();
    },
  };
}
