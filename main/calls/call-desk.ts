import type { Call } from '../../contract/call.ts';
import { AppError } from '../../contract/errors.ts';
import type { CallId, RecordingId } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import type { Retention } from '../retention/retention.ts';
import type { Actor } from './actor.ts';
import type { CallRecorder } from './call-recorder.ts';
import type { Calls } from './calls-service.ts';
import type { Desk } from './desk.ts';
import { refusal, refusalOfApp, type Deed } from './permissions.ts';

export type DeskPorts = {
  calls: Pick<Calls, 'create' | 'inspect' | 'join' | 'leave' | 'end' | 'remove' | 'current' | 'requireParticipant'>;
  recorder: Pick<CallRecorder, 'start' | 'stop' | 'pause' | 'resume' | 'addMarker'>;
  /** The recordings on this computer. */
  recordings: {
    get(recordingId: RecordingId): Promise<Recording>;
    list(): Promise<Recording[]>;
    rows(): Promise<readonly Recording[]>;
    delete(recordingId: RecordingId, options: { alsoInBucket: boolean }): Promise<void>;
    /** What is recorded now, of whatever call; null when nothing is. */
    running(): Pick<Recording, 'id' | 'callId'> | null;
  };
  cleanUp: Retention['cleanUp'];
};

/** Makes the desk: the one place where it is asked who may do what with calls and recordings. */
export function createDesk({ calls, recorder, recordings, cleanUp }: DeskPorts): Desk {
  const allow = (actor: Actor, deed: Deed, callId: CallId | null): void => {
    const refused = refusal(actor, deed, callId);
    if (refused !== null) throw refused;
  };

  /** The call of this app, if it is the one that is meant and this app may do this in it. */
  const callFor = (actor: Actor, deed: Deed, callId: CallId | null): Call => {
    allow(actor, deed, callId);
    const call = callId === null ? calls.requireParticipant() : calls.current();
    if (call === null || (callId !== null && call.id !== callId)) {
      throw new AppError('CALL_NOT_FOUND', 'This app is in no such call.');
    }
    const refused = refusalOfApp(deed, call.role);
    if (refused !== null) throw refused;
    return call;
  };

  /** One of another call is none, in the same words: nobody hears from the answer that it is there. */
  const recordingOf = async (recordingId: RecordingId, callId: CallId | null): Promise<Recording> => {
    const recording = await recordings.get(recordingId);
    if (callId !== null && recording.callId !== callId) {
      throw new AppError('RECORDING_NOT_FOUND', 'There is no such recording.');
    }
    return recording;
  };

  /** Lets through who may change the recording; whether this app is the host of its call is the recorder's to say. */
  const allowRecording = async (actor: Actor, recordingId: RecordingId): Promise<void> => {
    if (actor.kind === 'owner') return;
    allow(actor, 'record', actor.callId);
    await recordingOf(recordingId, actor.callId);
  };

  return {
    async create(actor, input) {
      allow(actor, 'enterCall', null);
      return calls.create(input);
    },
    async inspect(actor, link) {
      allow(actor, 'enterCall', null);
      return calls.inspect(link);
    },
    async join(actor, input) {
      allow(actor, 'enterCall', null);
      return calls.join(input);
    },
    calls(actor) {
      const call = calls.current();
      return call !== null && refusal(actor, 'seeCall', call.id) === null ? [call] : [];
    },
    call: (actor, callId) => callFor(actor, 'seeCall', callId),
    async leave(actor, callId) {
      callFor(actor, 'leaveCall', callId);
      await calls.leave();
    },
    async end(actor, callId) {
      callFor(actor, 'endCall', callId);
      await calls.end();
    },
    async remove(actor, participantId) {
      callFor(actor, 'removePerson', actor.kind === 'owner' ? null : actor.callId);
      await calls.remove(participantId);
    },
    requireMayGiveTokens: (actor, callId) => void callFor(actor, 'giveTokens', callId),
    requireMayTakeTokens(actor, callId) {
      allow(actor, 'takeTokens', callId);
      // Tokens outlive their call, so it need not be the one that is on.
      if (calls.current()?.id === callId) callFor(actor, 'takeTokens', callId);
    },

    async startRecording(actor, callId) {
      const call = callFor(actor, 'record', callId);
      return recorder.start(call.id);
    },
    runningRecording(actor, callId) {
      callFor(actor, 'record', callId);
      const running = recordings.running();
      // What is left to stop of the call before is not of this one.
      if (running?.callId !== callId) {
        throw new AppError('RECORDING_NOT_RUNNING', 'Nothing is being recorded in this call.');
      }
      return running.id;
    },
    async stopRecording(actor, recordingId) {
      await allowRecording(actor, recordingId);
      return recorder.stop({ recordingId });
    },
    async pauseRecording(actor, recordingId) {
      await allowRecording(actor, recordingId);
      return recorder.pause({ recordingId });
    },
    async resumeRecording(actor, recordingId) {
      await allowRecording(actor, recordingId);
      return recorder.resume({ recordingId });
    },
    async addMarker(actor, recordingId, name) {
      await allowRecording(actor, recordingId);
      return recorder.addMarker({ recordingId, name });
    },

    async recording(actor, recordingId, callId) {
      allow(actor, 'seeRecording', callId);
      return recordingOf(recordingId, callId);
    },
    async deleteRecording(actor, recordingId, { callId, alsoInBucket }) {
      allow(actor, alsoInBucket ? 'deleteInBucket' : 'deleteRecording', callId);
      await recordingOf(recordingId, callId);
      await recordings.delete(recordingId, { alsoInBucket });
    },
    async recordings(actor) {
      allow(actor, 'seeLibrary', null);
      return recordings.list();
    },
    async rows(actor) {
      allow(actor, 'seeLibrary', null);
      return recordings.rows();
    },
    async cleanUp(actor, maxAgeMs) {
      allow(actor, 'cleanUp', null);
      return cleanUp({ maxAgeMs });
    },
    requireOwner: (actor) => allow(actor, 'seeApp', null),
  };
}
