import type { Call } from '../../contract/call.ts';
import type { ControlCall } from '../../contract/control.ts';
import type { ParticipantId } from '../../contract/ids.ts';
import type { ParticipantQuality } from '../../contract/quality.ts';

/** A call as programs see it: without the ticket of its own window, and with how the way to each person is. */
export function viewCall(
  call: Call,
  qualityOf: (participantId: ParticipantId) => ParticipantQuality | null,
): ControlCall {
  return {
    callId: call.id,
    title: call.title,
    inviteLink: call.inviteLink,
    role: call.role,
    joinedAt: new Date(call.joinedAtMs).toISOString(),
    participantLimit: call.participantLimit,
    participants: call.participants.map(({ id, name, role, microphoneOn, cameraOn, present }) => ({
      id,
      name,
      role,
      microphoneOn,
      cameraOn,
      present,
      quality: qualityOf(id),
    })),
    recording: call.recording,
  };
}
