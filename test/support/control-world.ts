import type { ControlCall, ControlRecording } from '../../contract/control.ts';
import { AppError } from '../../contract/errors.ts';
import { callIdSchema, markerIdSchema, participantIdSchema, type CallId } from '../../contract/ids.ts';
import type { Actor } from '../../main/calls/actor.ts';
import { refusal, type Deed } from '../../main/calls/permissions.ts';
import type { ControlHandlers } from '../../main/control/control-handler.ts';
import type { IssuedTokens } from '../../main/control/issued-tokens.ts';
import { viewRecording } from '../../main/control/recording-view.ts';
import { shownRecording } from './shown-recording.ts';

/** One call with one host and a recording that can run, in memory; who may do what is asked of the app's own rules. */
export type ControlWorld = {
  handlers: ControlHandlers;
  callId: CallId;
  selfId: string;
  /** How often a recording was really started. */
  starts(): number;
  /** What each handler does before it answers; a test holds requests open by it. */
  before: (name: string) => Promise<void>;
};

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Makes such a world, with the tokens that its handlers give out. */
export function controlWorld(tokens: IssuedTokens): ControlWorld {
  const callId = callIdSchema.parse(uuid(1));
  const selfId = participantIdSchema.parse(uuid(2));
  let recordings = 0;
  let running: ControlRecording | null = null;

  const may = (actor: Actor, deed: Deed, of: CallId | null): void => {
    const refused = refusal(actor, deed, of);
    if (refused !== null) throw refused;
    if (of !== null && of !== callId) throw new AppError('CALL_NOT_FOUND', 'This app is in no such call.');
  };

  const call = (): ControlCall => ({
    callId,
    title: 'Standup',
    inviteLink: 'tallylight://join?server=ws%3A%2F%2F127.0.0.1%3A1&invite=x',
    role: 'host',
    joinedAt: '2026-11-23T10:00:00.000Z',
    participantLimit: 6,
    participants: [
      { id: selfId, name: 'Ada', role: 'host', microphoneOn: true, cameraOn: true, present: true, quality: null },
    ],
    recording: null,
  });

  const newRecording = (): ControlRecording =>
    viewRecording(
      shownRecording({
        id: uuid(100 + recordings),
        callId,
        title: 'Standup',
        status: 'recording',
        endedAt: null,
        durationMs: 0,
        sizeBytes: 0,
        participantNames: ['Ada'],
        deliverables: [],
      }),
      { kind: 'starting' },
    );

  const short = (): {
    id: ControlRecording['id'];
    callId: CallId;
    status: ControlRecording['status'];
    startedAt: string;
  } => {
    if (running === null) throw new AppError('RECORDING_NOT_RUNNING', 'Nothing is being recorded.');
    const { id, status, startedAt } = running;
    return { id, callId, status, startedAt };
  };

  const world: ControlWorld = {
    callId,
    selfId,
    starts: () => recordings,
    before: async () => undefined,
    handlers: {
      async createCall({ actor }) {
        may(actor, 'enterCall', null);
        return { data: call(), message: 'The call is on.' };
      },
      async joinCall({ actor }) {
        may(actor, 'enterCall', null);
        return { data: call(), message: 'You are in the call.' };
      },
      async listCalls() {
        return { data: { calls: [call()] }, message: 'One call.' };
      },
      async getCall({ actor, params }) {
        await world.before('getCall');
        may(actor, 'seeCall', params.callId);
        return { data: call(), message: 'One call.' };
      },
      async endCall({ actor, params }) {
        may(actor, 'endCall', params.callId);
        return { data: {}, message: 'The call is over.' };
      },
      async leaveCall({ actor, params }) {
        may(actor, 'leaveCall', params.callId);
        return { data: {}, message: 'You left the call.' };
      },
      async issueToken({ actor, params, body }) {
        may(actor, 'giveTokens', params.callId);
        return { data: tokens.issue({ ...body, callId: params.callId, by: actor }), message: 'A token.' };
      },
      async revokeToken({ actor, params }) {
        may(actor, 'giveTokens', params.callId);
        tokens.revoke(params.callId, params.userId);
        return { data: {}, message: 'The token is gone.' };
      },
      async startRecording({ actor, params }) {
        may(actor, 'record', params.callId);
        await world.before('startRecording');
        if (running !== null) throw new AppError('RECORDING_RUNNING', 'A recording is running.');
        recordings += 1;
        running = newRecording();
        return { data: short(), message: 'Recording.' };
      },
      async stopRecording({ actor, params }) {
        may(actor, 'record', params.callId);
        const data = short();
        running = null;
        return { data: { ...data, status: 'stopping' }, message: 'Stopped.' };
      },
      async pauseRecording({ actor, params }) {
        may(actor, 'record', params.callId);
        return { data: { ...short(), status: 'paused' }, message: 'Paused.' };
      },
      async resumeRecording({ actor, params }) {
        may(actor, 'record', params.callId);
        return { data: short(), message: 'Recording again.' };
      },
      async addMarker({ actor, params, body }) {
        may(actor, 'record', params.callId);
        const recordingId = short().id;
        return {
          data: { id: markerIdSchema.parse(uuid(9)), recordingId, atMs: 1, name: body.name },
          message: 'A marker.',
        };
      },
      async getRecording({ actor, params }) {
        may(actor, 'seeRecording', params.callId);
        if (running?.id !== params.recordingId) throw new AppError('RECORDING_NOT_FOUND', 'No such recording.');
        return { data: running, message: 'One recording.' };
      },
      async deleteRecording({ actor, params }) {
        may(actor, 'deleteRecording', params.callId);
        return { data: {}, message: 'In the bin.' };
      },
      async listRecordings({ actor }) {
        may(actor, 'seeLibrary', null);
        return { data: { recordings: running === null ? [] : [running], nextCursor: null }, message: 'The library.' };
      },
      async exportRecording({ actor }) {
        may(actor, 'seeLibrary', null);
        throw new AppError('NOT_FOUND', 'No such file.');
      },
      async cleanUp({ actor }) {
        may(actor, 'cleanUp', null);
        return { data: { deleted: [], refused: [], freedBytes: 0 }, message: 'Nothing to do.' };
      },
      async stats({ actor }) {
        may(actor, 'seeApp', null);
        throw new Error('secret words of a fault inside');
      },
    },
  };
  return world;
}
