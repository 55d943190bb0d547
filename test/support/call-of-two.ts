import type { Call } from '../../contract/call.ts';
import { callState, type Person } from './windowless-app.ts';

/** Lets one app make a call and the other join it; resolves when the host was told of both. */
export async function callOfTwo(host: Person, guest: Person, title: string): Promise<{ call: Call; guestCall: Call }> {
  const media = { microphoneOn: true, cameraOn: true };
  const call = await host.ask('call.create', { name: 'Ana', title, ...media });
  const guestCall = await guest.ask('call.join', { link: call.inviteLink, name: 'Ben', consented: false, ...media });
  await callState(host, (state) => state?.participants.length === 2);
  return { call, guestCall };
}
