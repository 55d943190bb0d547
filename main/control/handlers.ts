import { AppError } from '../../contract/errors.ts';
import type { ControlCall } from '../../contract/control.ts';
import type { Call } from '../../contract/call.ts';
import type { CallId, RecordingId } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import type { Actor } from '../calls/actor.ts';
import { insideFolder } from '../recording/recording-folder.ts';
import type { Services } from '../services.ts';
import { viewCall } from './call-view.ts';
import type { ControlHandlers } from './control-handler.ts';
import { chooseExport } from './export-choice.ts';
import type { IssuedTokens } from './issued-tokens.ts';
import { pageOf } from './listing.ts';
import { viewRecording, viewRunning } from './recording-view.ts';

/** The name in a call of somebody whom neither the program nor the settings name. */
const HOST_NAME = 'Host';
const GUEST_NAME = 'Guest';

export type ControlHandlerServices = Pick<Services, 'settings' | 'desk' | 'quality' | 'library' | 'stats'>;

/** Maps every route of the control API to the service that answers it; who may do what is the desk's to say. */
export function createControlHandlers(
  { settings, desk, quality, library, stats }: ControlHandlerServices,
  { tokens }: { tokens: IssuedTokens },
): ControlHandlers {
  const viewOf = (call: Call): ControlCall => viewCall(call, quality.of);
  const recordingView = (recording: Recording) => viewRecording(recording, library.health(recording.id));

  const entry = (
    body: { name?: string | undefined; microphoneOn?: boolean | undefined; cameraOn?: boolean | undefined },
    otherwise: string,
  ): { name: string; microphoneOn: boolean; cameraOn: boolean } => {
    const { displayName, joinWithMicrophone, joinWithCamera } = settings.get();
    return {
      name: body.name ?? (displayName.trim() || otherwise),
      microphoneOn: body.microphoneOn ?? joinWithMicrophone,
      cameraOn: body.cameraOn ?? joinWithCamera,
    };
  };

  /** Does something to the recording that runs in the call. */
  const toRunning =
    (work: (actor: Actor, recordingId: RecordingId) => Promise<Recording>, message: string) =>
    async ({ actor, params }: { actor: Actor; params: { callId: CallId } }) => {
      const recording = await work(actor, desk.runningRecording(actor, params.callId));
      return { data: viewRunning(recording), message };
    };

  /** The recording of a row, as it is now; null for one that was deleted since. */
  const stillThere = async (actor: Actor, { id }: Recording): Promise<Recording | null> => {
    try {
      return await desk.recording(actor, id, null);
    } catch (error) {
      if (error instanceof AppError && error.code === 'RECORDING_NOT_FOUND') return null;
      throw error;
    }
  };

  return {
    async createCall({ actor, body }) {
      const { title, maxParticipants = settings.get().maxParticipantsPerRoom } = body;
      const call = await desk.create(actor, { ...entry(body, HOST_NAME), title, maxParticipants });
      return { data: viewOf(call), message: 'The call is on.' };
    },
    async joinCall({ actor, body }) {
      const { link, consented } = body;
      const call = await desk.join(actor, { ...entry(body, GUEST_NAME), link, consented });
      return { data: viewOf(call), message: 'Joined the call.' };
    },
    async listCalls({ actor }) {
      const calls = desk.calls(actor).map(viewOf);
      return { data: { calls }, message: calls.length === 0 ? 'There is no call.' : 'There is a call.' };
    },
    async getCall({ actor, params }) {
      return { data: viewOf(desk.call(actor, params.callId)), message: 'The call as it is now.' };
    },
    async endCall({ actor, params }) {
      await desk.end(actor, params.callId);
      return { data: {}, message: 'The call was ended for all.' };
    },
    async leaveCall({ actor, params }) {
      await desk.leave(actor, params.callId);
      return { data: {}, message: 'Left the call.' };
    },

    async issueToken({ actor, params: { callId }, body: { userId, role, validSeconds } }) {
      desk.requireMayGiveTokens(actor, callId);
      return {
        data: tokens.issue({ userId, callId, role, validSeconds, by: actor }),
        message: 'Only this answer has the token.',
      };
    },
    async revokeToken({ actor, params: { callId, userId } }) {
      desk.requireMayTakeTokens(actor, callId);
      tokens.revoke(callId, userId);
      return { data: {}, message: 'The token is refused from now on.' };
    },

    async startRecording({ actor, params }) {
      const recording = await desk.startRecording(actor, params.callId);
      return { data: viewRunning(recording), message: 'Recording.' };
    },
    stopRecording: toRunning(
      (actor, recordingId) => desk.stopRecording(actor, recordingId),
      'Stopped. Saving goes on.',
    ),
    pauseRecording: toRunning((actor, recordingId) => desk.pauseRecording(actor, recordingId), 'Paused.'),
    resumeRecording: toRunning((actor, recordingId) => desk.resumeRecording(actor, recordingId), 'Recording again.'),
    async addMarker({ actor, params, body }) {
      const recordingId = desk.runningRecording(actor, params.callId);
      const { id, atMs, name } = await desk.addMarker(actor, recordingId, body.name);
      return { data: { id, recordingId, atMs, name }, message: 'Marked.' };
    },

    async getRecording({ actor, params: { callId, recordingId } }) {
      const recording = await desk.recording(actor, recordingId, callId);
      return { data: recordingView(recording), message: 'The recording as it is now.' };
    },
    async deleteRecording({ actor, params: { callId, recordingId } }) {
      await desk.deleteRecording(actor, recordingId, { callId, alsoInBucket: false });
      return { data: {}, message: 'The recording is in the bin.' };
    },
    async listRecordings({ actor, query }) {
      const { rows, nextCursor } = pageOf(await desk.rows(actor), query);
      const found = await Promise.all(rows.map((row) => stillThere(actor, row)));
      const recordings = found.flatMap((recording) => (recording === null ? [] : [recordingView(recording)]));
      return { data: { recordings, nextCursor }, message: 'Newest first.' };
    },
    async exportRecording({ actor, params: { recordingId }, body }) {
      desk.requireOwner(actor);
      const recording = await desk.recording(actor, recordingId, null);
      const choice = chooseExport(recording, body);
      const deliverable =
        choice.kind === 'ready' ? choice.deliverable : await library.exportTrack(recordingId, choice.trackId);
      const { id, format, file, durationMs, sizeBytes } = deliverable;
      const path = insideFolder(recording.folder, file);
      if (path === null) throw new AppError('NOT_FOUND', 'There is no such file.');
      const data = { id, format, path, duration: Math.round(durationMs), fileSize: sizeBytes };
      return { data, message: choice.kind === 'ready' ? 'The file is there.' : 'The file was made.' };
    },
    async cleanUp({ actor, body }) {
      const report = await desk.cleanUp(actor, body.maxAgeMs);
      return { data: report, message: `Moved ${report.deleted.length} into the bin, kept ${report.refused.length}.` };
    },
    async stats({ actor }) {
      desk.requireOwner(actor);
      return { data: await stats(), message: 'Figures of this run.' };
    },
  };
}
