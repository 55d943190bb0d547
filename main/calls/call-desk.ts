import type { Call } from '../../contract/call.ts';
import { AppError } from '../../contract/errors.ts';
import type { CallId, RecordingId } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import type { Retention } from '../retention/retention.ts';
import type { Actor } from './actor.ts';
import type { CallRecorder } from './call-recorder.ts';
import type { Calls } from './calls-service.ts';
import type { Desk } from './desk.ts';
import { refusal, type Deed } from './permissions.ts';

export type DeskPorts = {
  calls: Pick<Calls, 'create' | 'inspect' | 'join' | 'leave' | 'end' | 'remove' | 'current' | 'requireParticipant'>;
  recorder: Pick<CallRecorder, 'start' | 'stop' | 'pause' | 'resume' | 'addMarker'>;
  /** The recordings on this computer. */
  recordings: {
    get(recordingId: RecordingId): Promise<Recording>;
    list(): Promise<Recording[]>;
    delete(recordingId: RecordingId, options: { alsoInBucket: boolean }): Promise<void>;
    /** What is recorded now; null when nothing is. */
    running(): { recordingId: RecordingId } | null;
  };
  cleanUp: Retention['cleanUp'];
};

/** Makes the desk: the one place where it is asked who may do what with calls and recordings. */
export function createDesk({ calls, recorder, recordings, cleanUp }: DeskPorts): Desk {
  const allow = (actor: Actor, deed: Deed, callId: CallId | null): void => {
    const refused = refusal(actor, deed, callId);
    if (refused !== null) throw refused;
  };

  /** The call of this app, if it is the one that is meant. */
  const callOf = (callId: CallId | null): Call => {
    const current = calls.current();
    if (callId === null) return calls.requireParticipant();
    if (current?.id !== callId) throw new AppError('CALL_NOT_FOUND', 'This app is in no such call.');
    return current;
  };

  const recordingOf = async (recordingId: RecordingId, callId: CallId | null): Promise<Recording> => {
    const recording = await recordings.get(recordingId);
    if (callId !== null && recording.callId !== callId) {
      throw new AppError('RECORDING_NOT_FOUND', 'This call has no such recording.');
    }
    return recording;
  };

  /** Lets through who may change the recording; somebody else does not hear whether there is one. */
  const allowRecording = async (actor: Actor, deed: Deed, recordingId: RecordingId): Promise<void> => {
    if (actor.kind === 'owner') return;
    allow(actor, deed, actor.callId);
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
    call(actor, callId) {
      allow(actor, 'seeCall', callId);
      return callOf(callId);
    },
    async leave(actor, callId) {
      allow(actor, 'leaveCall', callId);
      callOf(callId);
      await calls.leave();
    },
    async end(actor, callId) {
      allow(actor, 'endCall', callId);
      callOf(callId);
      await calls.end();
    },
    async remove(actor, participantId) {
      allow(actor, 'removePerson', calls.current()?.id ?? null);
      await calls.remove(participantId);
    },
    requireMayInvite(actor, callId) {
      allow(actor, 'giveTokens', callId);
      if (callOf(callId).role !== 'host') {
        throw new AppError('NOT_HOST', 'Only the host of the call can do this.');
      }
    },

    async startRecording(actor, callId) {
      allow(actor, 'record', callId);
      callOf(callId);
      return recorder.start();
    },
    runningRecording(actor, callId) {
      allow(actor, 'record', callId);
      const call = callOf(callId);
      if (call.role !== 'host') throw new AppError('NOT_HOST', 'Only the host of the call can do this.');
      const running = recordings.running();
      if (running === null) throw new AppError('RECORDING_NOT_RUNNING', 'Nothing is being recorded in this call.');
      return running.recordingId;
    },
    async stopRecording(actor, recordingId) {
      await allowRecording(actor, 'record', recordingId);
      return recorder.stop({ recordingId });
    },
    async pauseRecording(actor, recordingId) {
      await allowRecording(actor, 'record', recordingId);
      return recorder.pause({ recordingId });
    },
    async resumeRecording(actor, recordingId) {
      await allowRecording(actor, 'record', recordingId);
      return recorder.resume({ recordingId });
    },
    async addMarker(actor, recordingId) {
      await allowRecording(actor, 'record', recordingId);
      return recorder.addMarker({ recordingId });
    },

    async recording(actor, recordingId, callId) {
      allow(actor, 'seeRecording', callId);
      return recordingOf(recordingId, callId);
    },
    async deleteRecording(actor, recordingId, { callId, alsoInBucket }) {
      allow(actor, 'deleteRecording', callId);
      await recordingOf(recordingId, callId);
      await recordings.delete(recordingId, { alsoInBucket });
    },
    async recordings(actor) {
      allow(actor, 'seeLibrary', null);
      return recordings.list();
    },
    async cleanUp(actor, maxAgeMs) {
      allow(actor, 'cleanUp', null);
      return cleanUp({ maxAgeMs });
    },
    requireOwner: (actor) => allow(actor, 'seeApp', null),
  };
}
