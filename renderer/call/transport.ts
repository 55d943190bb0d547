import type { Participant } from '../../contract/call.ts';
import type { LinkQuality } from '../../contract/quality.ts';

export type MediaKind = 'audio' | 'video';

/** What arrives from one person; the tracks stay the same objects while the link lives, whatever the camera does. */
export type RemoteMedia = { stream: MediaStream; audio: MediaStreamTrack; video: MediaStreamTrack };

export type LinkState = 'connecting' | 'connected' | 'reconnecting' | 'failed';

export type TransportEvent =
  | { kind: 'link'; participantId: string; state: LinkState }
  /** Null: what came before is over (the link was lost, or the person left). */
  | { kind: 'media'; participantId: string; media: RemoteMedia | null };

/** How much may be sent to each receiver. */
export type SendLimits = { videoBitsPerSecond: number; audioBitsPerSecond: number };

/** The live media between the people of one call. Nothing outside knows how many connections there are, or to whom. */
export type Transport = {
  /** Who is in the call, the own person included: links come and go with them. */
  setPeople(participants: readonly Participant[]): void;
  /** Sends this track to everybody, now and later, in place of the one before. */
  publish(kind: MediaKind, track: MediaStreamTrack): void;
  /** Sends nothing of this kind (silence for sound); the links stay as they are. */
  unpublish(kind: MediaKind): void;
  setLimits(limits: SendLimits): void;
  /** How the way from and to everybody else was since the last look; never rejects. */
  measure(): Promise<LinkQuality[]>;
  /** Loudness of one person now, 0 to 1 as the receiver reports it; 0 when unknown. */
  levelOf(participantId: string): number;
  subscribe(listener: (event: TransportEvent) => void): () => void;
  close(): void;
};
