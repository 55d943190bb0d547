import { MESH_PARTICIPANT_LIMIT } from '../contract/settings.ts';
import { MAX_FRAME_BYTES } from '../contract/signaling.ts';

/** Every number of the signaling server; tests stand at each limit and one past it. */
export type SignalingLimits = {
  frameBytes: number;
  socketsPerAddress: number;
  /** TCP connections of one address, those that never became a socket included. */
  connectionsPerAddress: number;
  connections: number;
  participantsPerRoom: number;
  rooms: number;
  roomsPerAddress: number;
  /** How many ended calls are remembered, so that a late return hears why the call is over. */
  rememberedCalls: number;
  roomFramesPerSecond: number;
  roomFrameBurst: number;
  peerFramesPerSecond: number;
  peerFrameBurst: number;
  /** Frames that do not parse before the socket is closed. */
  badFrames: number;
  /** Bytes waiting for a reader that does not read, before it is cut off. */
  bufferedBytes: number;
  pingEveryMs: number;
  /** Silence after which a socket counts as dead. */
  deadAfterMs: number;
  /** Time a socket of the rooms door has to enter a room. */
  entryMs: number;
  /** How long a room keeps the place of a participant whose connection broke: as long as an app tries to come back. */
  graceMs: number;
  inviteLifeMs: number;
  /** How long the answer to an invite lets its asker in. */
  joinTokenLifeMs: number;
  /** Wrong invites, tokens and secrets of one address that are answered as what they are, within a minute. */
  failedEntriesPerMinute: number;
  /** Addresses whose wrong entries are counted at a time. */
  rememberedAddresses: number;
  /** People of a room whom it remembers as removed. */
  bansPerRoom: number;
  /** A second socket of a peer takes over only when the first was silent for this long. */
  peerQuietMs: number;
  /** How long frames wait for a peer of the room whose socket is not open (PeerServer's expire_timeout is 5 s too). */
  peerQueueMs: number;
  /** Bytes of such frames kept for one peer. */
  peerQueueBytes: number;
  /** How often deadlines are looked at. */
  sweepEveryMs: number;
};

export const DEFAULT_LIMITS: SignalingLimits = {
  frameBytes: MAX_FRAME_BYTES,
  socketsPerAddress: 20,
  connectionsPerAddress: 60,
  connections: 3000,
  participantsPerRoom: MESH_PARTICIPANT_LIMIT,
  rooms: 500,
  roomsPerAddress: 10,
  rememberedCalls: 1000,
  roomFramesPerSecond: 20,
  roomFrameBurst: 60,
  // Five others, each with an offer or answer and some twenty candidates, arrive in one burst.
  peerFramesPerSecond: 50,
  peerFrameBurst: 200,
  badFrames: 5,
  bufferedBytes: 1024 * 1024,
  pingEveryMs: 15_000,
  deadAfterMs: 45_000,
  entryMs: 30_000,
  graceMs: 120_000,
  inviteLifeMs: 24 * 60 * 60 * 1000,
  joinTokenLifeMs: 10 * 60 * 1000,
  failedEntriesPerMinute: 20,
  rememberedAddresses: 10_000,
  bansPerRoom: 100,
  // PeerJS 1.5 sends a heartbeat every 5 s: two in a row are missing.
  peerQuietMs: 12_000,
  peerQueueMs: 5000,
  peerQueueBytes: 512 * 1024,
  sweepEveryMs: 1000,
};

/**
 * Origins that may open a socket: the app's own window. Browsers always send one, so a web page is refused, also one in a frame
 * without an origin ('null'), which could take up the sockets of the address of whoever looks at it; Node sends none.
 */
export const DEFAULT_ALLOWED_ORIGINS: readonly string[] = ['tallylight-app://'];

/** Whether a socket may come from this page; an entry that ends in '://' allows the whole scheme. */
export function isOriginAllowed(origin: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined) return true;
  return allowed.some((entry) => (entry.endsWith('://') ? origin.startsWith(entry) : origin === entry));
}

/** What counts as one address: IPv4 as it is, IPv6 by its /64, because one subscriber owns all of it. */
export function addressKey(remoteAddress: string | undefined): string {
  if (remoteAddress === undefined) return 'unknown';
  const address = remoteAddress.toLowerCase().replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const headGroups = head === '' ? [] : head.split(':');
  const tailGroups = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - headGroups.length - tailGroups.length) }, () => '0');
  return [...headGroups, ...zeros, ...tailGroups].slice(0, 4).join(':');
}

/** A token bucket: holds up to a burst of frames and fills again at a steady rate. */
export type Bucket = { tokens: number; atMs: number };

/** Takes one frame out of the bucket; `allowed` is false when it is empty. */
export function takeToken(
  bucket: Bucket,
  nowMs: number,
  perSecond: number,
  burst: number,
): { bucket: Bucket; allowed: boolean } {
  const tokens = Math.min(burst, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) / 1000) * perSecond);
  return tokens >= 1
    ? { bucket: { tokens: tokens - 1, atMs: nowMs }, allowed: true }
    : { bucket: { tokens, atMs: nowMs }, allowed: false };
}
