import { reconnectDelay } from './reconnect-policy.ts';
import { compareLooks, readTotals, type LinkTotals } from './link-stats.ts';
import type { Participant } from '../../contract/call.ts';
import type { LinkQuality } from '../../contract/quality.ts';
import type { LostReason } from './reconnect-policy.ts';
import type { LinkState, MediaKind, RemoteMedia, SendLimits, TransportEvent } from './transport.ts';

/** One connection with its two places (one sound, one picture each way), before or after it is negotiated. */
export type MediaPath = {
  peerConnection: RTCPeerConnection;
  onEnd(listener: () => void): void;
  close(): void;
};

/** The way to and from one person, over as many connections as it takes. */
export type MeshLink = {
  readonly person: Participant;
  start(): void;
  update(person: Participant): void;
  /** Takes an incoming connection in place of the one before. */
  adopt(path: MediaPath): void;
  serverOpened(): void;
  /** Whether there is a connection, if only one that is being made. */
  hasPath(): boolean;
  sendCurrent(kind: MediaKind): void;
  applyLimits(): void;
  level(): number;
  /** How the way was since the last look; numbers are null while there is none. */
  measure(): Promise<LinkQuality>;
  close(): void;
};

export type MeshLinkPorts = {
  person: Participant;
  /** Opens a connection, or null when the server is away; absent for the side that waits to be called. */
  dial: (() => MediaPath | null) | null;
  trackFor: (kind: MediaKind) => MediaStreamTrack | null;
  limits: () => SendLimits;
  tell: (event: TransportEvent) => void;
};

/** An offer that led to no connection by then is given up and sent anew. */
const CONNECT_TIMEOUT_MS = 10_000;

type Live = {
  path: MediaPath;
  senders: { audio: RTCRtpSender | null; video: RTCRtpSender | null };
  pump: HTMLAudioElement;
  connected: boolean;
  /** What the connection had counted at the last look. */
  looked: LinkTotals | null;
};

/** Makes the link to one person; it tells of its state and of the media that arrives. */
export function createMeshLink({ person: firstPerson, dial, trackFor, limits, tell }: MeshLinkPorts): MeshLink {
  let person = firstPerson;
  let live: Live | null = null;
  let state: LinkState | null = null;
  let attempt = 0;
  let lostAtMs = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasConnected = false;
  let ended = false;

  function setState(next: LinkState): void {
    if (state === next) return;
    state = next;
    tell({ kind: 'link', participantId: person.id, state: next });
  }

  function after(delayMs: number, run: () => void): void {
    clearTimeout(timer);
    timer = setTimeout(run, delayMs);
  }

  function tryNow(): void {
    if (ended || dial === null) return;
    drop();
    attempt += 1;
    const path = dial();
    // Without a server there is nothing to do but wait for it: serverOpened() comes back here.
    if (path !== null) use(path);
  }

  function lost(reason: LostReason): void {
    if (ended) return;
    if (reason !== 'interrupted') drop();
    const delayMs = reconnectDelay(attempt, performance.now() - lostAtMs, reason);
    if (delayMs === null) {
      drop();
      setState('failed');
      return;
    }
    setState(wasConnected ? 'reconnecting' : 'connecting');
    // The side that waits gives the caller its whole budget, then says so.
    if (dial === null) after(delayMs + 1000, () => lost('unanswered'));
    else after(delayMs, tryNow);
  }

  function use(path: MediaPath): void {
    const { peerConnection } = path;
    const senderOf = (kind: MediaKind): RTCRtpSender | null =>
      peerConnection.getSenders().find((sender) => sender.track?.kind === kind) ?? null;
    const current: Live = {
      path,
      senders: { audio: senderOf('audio'), video: senderOf('video') },
      pump: new Audio(),
      connected: false,
      looked: null,
    };
    live = current;
    // The placeholders only held the two places in the description: what is really sent takes over before the answer.
    sendCurrent('audio');
    sendCurrent('video');
    path.onEnd(() => {
      if (live === current) lost('lost');
    });
    peerConnection.addEventListener('track', () => announce(current));
    peerConnection.addEventListener('iceconnectionstatechange', () => {
      if (live === current) iceChanged(current, peerConnection.iceConnectionState);
    });
    setState(wasConnected ? 'reconnecting' : 'connecting');
    after(CONNECT_TIMEOUT_MS, () => lost('unanswered'));
  }

  function iceChanged(current: Live, ice: RTCIceConnectionState): void {
    if (ice === 'connected' || ice === 'completed') {
      clearTimeout(timer);
      current.connected = true;
      wasConnected = true;
      attempt = 0;
      applyLimits();
      setState('connected');
    } else if (ice === 'disconnected' && current.connected) {
      current.connected = false;
      lostAtMs = performance.now();
      lost('interrupted');
    }
    // 'failed' and 'closed': PeerJS closes the connection (negotiator.ts), which ends the path.
  }

  function announce(current: Live): void {
    if (live !== current || current.pump.srcObject !== null) return;
    const media = mediaOf(current.path.peerConnection);
    if (media === null) return;
    // Somebody has to play a received sound from the start: else Chromium's jitter buffer fills up, and whoever listens
    // later hears it too fast until it is empty (measured: 20 % too fast). A muted element is enough.
    current.pump.muted = true;
    current.pump.srcObject = new MediaStream([media.audio]);
    current.pump.play().catch(() => undefined);
    tell({ kind: 'media', participantId: person.id, media });
  }

  function drop(): void {
    clearTimeout(timer);
    const before = live;
    live = null;
    if (before === null) return;
    if (before.connected) lostAtMs = performance.now();
    const hadMedia = before.pump.srcObject !== null;
    before.pump.srcObject = null;
    before.path.close();
    if (hadMedia) tell({ kind: 'media', participantId: person.id, media: null });
  }

  function sendCurrent(kind: MediaKind): void {
    const sender = live?.senders[kind];
    const track = trackFor(kind);
    if (sender === null || sender === undefined || sender.track === track) return;
    // replaceTrack needs no negotiation, and null lets go of the device; a sender of a closed connection rejects.
    sender.replaceTrack(track).then(
      () => applyLimits(),
      () => undefined,
    );
  }

  function applyLimits(): void {
    if (live === null || !live.connected) return;
    const { videoBitsPerSecond, audioBitsPerSecond } = limits();
    void limitSender(live.senders.video, videoBitsPerSecond);
    void limitSender(live.senders.audio, audioBitsPerSecond);
  }

  return {
    get person() {
      return person;
    },
    start() {
      lostAtMs = performance.now();
      setState('connecting');
      if (dial === null) after(CONNECT_TIMEOUT_MS, () => lost('unanswered'));
      else tryNow();
    },
    update(next) {
      const cameBack = next.present && !person.present;
      person = next;
      if (!cameBack || (live?.connected ?? false)) return;
      lostAtMs = performance.now();
      attempt = 0;
      lost('lost');
    },
    adopt(path) {
      drop();
      use(path);
    },
    serverOpened() {
      if (live === null && state !== 'failed') tryNow();
    },
    hasPath: () => live !== null,
    sendCurrent,
    applyLimits,
    level() {
      const receiver = receiverOf(live?.path.peerConnection, 'audio');
      return Math.max(0, ...(receiver?.getSynchronizationSources().map((source) => source.audioLevel ?? 0) ?? []));
    },
    async measure() {
      const current = live;
      const report = current === null ? null : await current.path.peerConnection.getStats().catch(() => null);
      const now = report === null ? null : readTotals([...report.values()]);
      const before = current?.looked ?? null;
      if (current !== null && now !== null) current.looked = now;
      return { participantId: person.id, ...compareLooks(before, now) };
    },
    close() {
      ended = true;
      drop();
    },
  };
}

function receiverOf(connection: RTCPeerConnection | undefined, kind: MediaKind): RTCRtpReceiver | undefined {
  return connection?.getReceivers().find((receiver) => receiver.track.kind === kind);
}

/** Both tracks of a connection; null until both places are negotiated. */
function mediaOf(connection: RTCPeerConnection): RemoteMedia | null {
  const audio = receiverOf(connection, 'audio')?.track;
  const video = receiverOf(connection, 'video')?.track;
  if (audio === undefined || video === undefined) return null;
  return { stream: new MediaStream([audio, video]), audio, video };
}

async function limitSender(sender: RTCRtpSender | null, maxBitrate: number): Promise<void> {
  if (sender === null) return;
  const parameters = sender.getParameters();
  const [encoding] = parameters.encodings;
  if (encoding === undefined || encoding.maxBitrate === maxBitrate) return;
  encoding.maxBitrate = maxBitrate;
  // Rejects when the connection was renegotiated or closed meanwhile: the next state change applies it again.
  await sender.setParameters(parameters).catch(() => undefined);
}
