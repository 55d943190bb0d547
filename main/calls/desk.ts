import type { Call, CallPreview } from '../../contract/call.ts';
import type { CallId, ParticipantId, RecordingId } from '../../contract/ids.ts';
import type { Marker, Recording } from '../../contract/recording.ts';
import type { CleanUpReport } from '../retention/retention.ts';
import type { Actor } from './actor.ts';

type Media = { microphoneOn: boolean; cameraOn: boolean };

/**
 * Calls and recordings as every door (window, control API) uses them: each function first asks whether this actor may, and
 * throws FORBIDDEN, NOT_HOST, NOT_IN_CALL, CALL_NOT_FOUND or RECORDING_NOT_FOUND; a door decides nothing.
 */
export type Desk = {
  create(actor: Actor, input: { name: string; title: string; maxParticipants: number } & Media): Promise<Call>;
  inspect(actor: Actor, link: string): Promise<CallPreview>;
  join(actor: Actor, input: { link: string; name: string; consented: boolean } & Media): Promise<Call>;
  /** The calls of this app that the actor may see: none or one. */
  calls(actor: Actor): Call[];
  /** The call with this id. */
  call(actor: Actor, callId: CallId): Call;
  /** `callId` null: the call that this app is in. */
  leave(actor: Actor, callId: CallId | null): Promise<void>;
  end(actor: Actor, callId: CallId | null): Promise<void>;
  /** Takes somebody out of the call for good. */
  remove(actor: Actor, participantId: ParticipantId): Promise<void>;
  /** Throws unless the actor may give others a token for this call, which has to be on. */
  requireMayGiveTokens(actor: Actor, callId: CallId): void;
  /** Throws unless the actor may take tokens of this call away; also when it is over. */
  requireMayTakeTokens(actor: Actor, callId: CallId): void;

  startRecording(actor: Actor, callId: CallId | null): Promise<Recording>;
  /** The recording that runs in this call; RECORDING_NOT_RUNNING when there is none. */
  runningRecording(actor: Actor, callId: CallId): RecordingId;
  stopRecording(actor: Actor, recordingId: RecordingId): Promise<Recording>;
  pauseRecording(actor: Actor, recordingId: RecordingId): Promise<Recording>;
  resumeRecording(actor: Actor, recordingId: RecordingId): Promise<Recording>;
  addMarker(actor: Actor, recordingId: RecordingId, name: string): Promise<Marker>;

  /** `callId` not null: only if the recording is of this call. */
  recording(actor: Actor, recordingId: RecordingId, callId: CallId | null): Promise<Recording>;
  deleteRecording(
    actor: Actor,
    recordingId: RecordingId,
    options: { callId: CallId | null; alsoInBucket: boolean },
  ): Promise<void>;
  /** Newest first. */
  recordings(actor: Actor): Promise<Recording[]>;
  /** The same as the library has them, without what is known beside their journals: cheap, and shared, so never changed. */
  rows(actor: Actor): Promise<readonly Recording[]>;
  cleanUp(actor: Actor, maxAgeMs: number): Promise<CleanUpReport>;
  /** Throws FORBIDDEN for everybody but the owner. */
  requireOwner(actor: Actor): void;
};
