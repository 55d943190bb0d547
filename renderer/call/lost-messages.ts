/**
 * Forgets the frames that PeerJS keeps for connections it does not know: it keeps them for ever (peerjs 1.5.5 lib/peer.ts,
 * `_storeMessage`), so that a member of the call could fill this window's memory with them. None of them is ever needed: the offer
 * of a connection comes before everything else of it, over the same socket.
 */
export function forgetLostMessages(peer: object): void {
  const kept: unknown = Reflect.get(peer, '_lostMessages');
  if (kept instanceof Map) kept.clear();
}
