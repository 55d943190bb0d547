import { assertNever } from '../../contract/errors.ts';
import type { Call, CallEndReason } from '../../contract/call.ts';
import type { ErrorShape } from '../../contract/errors.ts';
import type { CallView, PersonView } from './call-view.ts';

export type CallStateEvent =
  | { kind: 'enterPressed' }
  | { kind: 'enterFailed' }
  | { kind: 'callChanged'; call: Call }
  | { kind: 'callOver'; reason: CallEndReason | null }
  | { kind: 'linkChanged'; participantId: string; state: PersonView['connection'] }
  | { kind: 'mediaChanged'; participantId: string; stream: MediaStream | null }
  | {
      kind: 'devicesChanged';
      microphoneOn: boolean;
      cameraOn: boolean;
      problem: ErrorShape | null;
      stream: MediaStream | null;
    }
  | { kind: 'firstFrame'; elapsedMs: number };

type InCall = Extract<CallView, { kind: 'inCall' }>;

/** What the screens see after an event; events that do not fit the moment change nothing. */
export function reduceCall(view: CallView, event: CallStateEvent): CallView {
  switch (event.kind) {
    case 'enterPressed':
      return view.kind === 'idle' ? { kind: 'entering' } : view;
    case 'enterFailed':
      return view.kind === 'entering' ? { kind: 'idle', lastEnd: null } : view;
    case 'callChanged':
      return view.kind === 'inCall' && view.call.id === event.call.id
        ? { ...view, call: event.call, people: mergePeople(view.people, event.call) }
        : enter(event.call);
    case 'callOver':
      return { kind: 'idle', lastEnd: event.reason };
    case 'linkChanged':
      return updatePerson(view, event.participantId, { connection: event.state });
    case 'mediaChanged':
      return updatePerson(view, event.participantId, { stream: event.stream });
    case 'devicesChanged': {
      if (view.kind !== 'inCall') return view;
      const { microphoneOn, cameraOn, problem, stream } = event;
      return updatePerson({ ...view, microphoneOn, cameraOn, deviceProblem: problem }, view.call.selfId, { stream });
    }
    case 'firstFrame':
      return view.kind === 'inCall' && view.joinToFirstFrameMs === null
        ? { ...view, joinToFirstFrameMs: event.elapsedMs }
        : view;
    default:
      return assertNever(event);
  }
}

function enter(call: Call): InCall {
  const self = call.participants.find((person) => person.id === call.selfId);
  return {
    kind: 'inCall',
    call,
    people: mergePeople([], call),
    microphoneOn: self?.microphoneOn ?? false,
    cameraOn: self?.cameraOn ?? false,
    deviceProblem: null,
    joinToFirstFrameMs: null,
  };
}

/** Everybody who is in the call now, with the live media of those who were there before. */
function mergePeople(before: PersonView[], call: Call): PersonView[] {
  return call.participants.map((participant) => {
    const known = before.find((person) => person.participant.id === participant.id);
    const isSelf = participant.id === call.selfId;
    return {
      participant,
      isSelf,
      stream: known?.stream ?? null,
      connection: known?.connection ?? (isSelf ? 'connected' : 'connecting'),
    };
  });
}

function updatePerson(view: CallView, participantId: string, change: Partial<PersonView>): CallView {
  if (view.kind !== 'inCall') return view;
  const people = view.people.map((person) =>
    person.participant.id === participantId ? { ...person, ...change } : person,
  );
  return { ...view, people };
}
