import type { Call } from '../../contract/call.ts';

/** The title of a call, or whose call it is when nobody gave it one. */
export function callTitle(call: Pick<Call, 'title' | 'hostId' | 'participants'>): string {
  if (call.title !== '') return call.title;
  const host = call.participants.find((participant) => participant.id === call.hostId);
  return host === undefined ? 'Call' : `${host.name}'s call`;
}
