import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { Call, CallRecording } from '../../contract/call.ts';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { Settings } from '../../contract/settings.ts';
import { startSignalingServer, type SignalingConfig } from '../../signaling/server.ts';
import { callsApp, type CallsApp } from './calls-app.ts';

/** An app's calls service that is closed when the test is over. */
export const app = (settings: Partial<Settings> = {}, networkAddresses: string[] = []): CallsApp =>
  callsApp((close) => onTestFinished(async () => void (await close())), { settings, networkAddresses });

/** A signaling server that runs by itself until the test is over, and its address as the settings have it. */
export async function standalone(config: Partial<SignalingConfig> = {}) {
  const server = await startSignalingServer({ host: '127.0.0.1', port: 0, ...config });
  onTestFinished(() => server.close());
  return { server, signalingServer: `ws://127.0.0.1:${server.address.port}` };
}

/** Both devices on. */
export const on = { microphoneOn: true, cameraOn: true };

/** Ada makes a call for six. */
export const create = async (host: CallsApp): Promise<Call> =>
  host.create({ name: 'Ada', title: 'Standup', maxParticipants: 6, ...on });

/** Bob joins it. */
export const join = async (guest: CallsApp, call: Call, consented = false): Promise<Call> =>
  guest.join({ link: call.inviteLink, name: 'Bob', consented, ...on });

/** What Ada tells the others of a recording. */
export const recording: CallRecording = {
  recordingId: recordingIdSchema.parse(randomUUID()),
  state: 'recording',
  health: { kind: 'ok' },
  elapsedMs: 0,
  recordedBy: 'Ada',
};
