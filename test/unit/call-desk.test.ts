import { beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../contract/call.ts';
import { AppError } from '../../contract/errors.ts';
import { callIdSchema, participantIdSchema, recordingIdSchema } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import { OWNER, type Actor } from '../../main/calls/actor.ts';
import { createDesk } from '../../main/calls/call-desk.ts';
import type { Desk } from '../../main/calls/desk.ts';
import { shownRecording } from '../support/shown-recording.ts';
import { someCall } from '../support/some-call.ts';

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const CALL = callIdSchema.parse(uuid(1));
const OTHER_CALL = callIdSchema.parse(uuid(2));
const OF_CALL = recordingIdSchema.parse(uuid(11));
const OF_OTHER = recordingIdSchema.parse(uuid(12));
const NONE = recordingIdSchema.parse(uuid(13));
const GUEST_ID = participantIdSchema.parse(uuid(21));

const HOST: Actor = { kind: 'member', userId: 'ada', callId: CALL, role: 'host' };
const GUEST: Actor = { kind: 'member', userId: 'ben', callId: CALL, role: 'participant' };
const OTHER_HOST: Actor = { kind: 'member', userId: 'eve', callId: OTHER_CALL, role: 'host' };

/** The app around the desk: which call it is in, which recordings it has, and what was done. */
type World = { call: Call | null; running: Recording | null; done: string[] };

let world: World;
let desk: Desk;

beforeEach(() => {
  world = { call: someCall({ id: CALL }), running: shownRecording({ id: OF_CALL, callId: CALL }), done: [] };
  const did = async (deed: string): Promise<never> => {
    world.done.push(deed);
    // What comes back does not matter here.
    return undefined as never;
  };
  const inCall = (): Call => {
    if (world.call === null) throw new AppError('NOT_IN_CALL', 'There is no call.');
    return world.call;
  };
  const all = [shownRecording({ id: OF_CALL, callId: CALL }), shownRecording({ id: OF_OTHER, callId: OTHER_CALL })];
  desk = createDesk({
    calls: {
      create: () => did('create'),
      inspect: () => did('inspect'),
      join: () => did('join'),
      leave: () => did('leave'),
      end: () => did('end'),
      remove: () => did('remove'),
      current: () => world.call,
      requireParticipant: inCall,
    },
    recorder: {
      start: (callId) => did(`start ${callId}`),
      stop: ({ recordingId }) => did(`stop ${recordingId}`),
      pause: ({ recordingId }) => did(`pause ${recordingId}`),
      resume: ({ recordingId }) => did(`resume ${recordingId}`),
      addMarker: ({ recordingId, name }) => did(`mark ${recordingId} ${name}`),
    },
    recordings: {
      get: async (recordingId) => {
        const found = all.find(({ id }) => id === recordingId);
        if (found === undefined) throw new AppError('RECORDING_NOT_FOUND', 'There is no such recording.');
        return found;
      },
      list: async () => all,
      rows: async () => all,
      delete: (recordingId, { alsoInBucket }) => did(`delete ${recordingId}${alsoInBucket ? ' and its copies' : ''}`),
      running: () => world.running,
    },
    cleanUp: () => did('cleanUp'),
  });
});

/** What came of it: `done`, or the code of the refusal. */
async function outcome(work: () => unknown): Promise<string> {
  try {
    await work();
    return 'done';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

const media = { microphoneOn: true, cameraOn: true };

/** Every deed with the call of the member tokens. */
const DEEDS = {
  create: (actor) => desk.create(actor, { name: 'A', title: '', maxParticipants: 2, ...media }),
  inspect: (actor) => desk.inspect(actor, 'link'),
  join: (actor) => desk.join(actor, { link: 'link', name: 'A', consented: true, ...media }),
  call: (actor) => desk.call(actor, CALL),
  leave: (actor) => desk.leave(actor, CALL),
  end: (actor) => desk.end(actor, CALL),
  remove: (actor) => desk.remove(actor, GUEST_ID),
  giveTokens: (actor) => desk.requireMayGiveTokens(actor, CALL),
  takeTokens: (actor) => desk.requireMayTakeTokens(actor, CALL),
  start: (actor) => desk.startRecording(actor, CALL),
  running: (actor) => desk.runningRecording(actor, CALL),
  stop: (actor) => desk.stopRecording(actor, OF_CALL),
  pause: (actor) => desk.pauseRecording(actor, OF_CALL),
  resume: (actor) => desk.resumeRecording(actor, OF_CALL),
  mark: (actor) => desk.addMarker(actor, OF_CALL, 'Goal'),
  see: (actor) => desk.recording(actor, OF_CALL, CALL),
  seeAnywhere: (actor) => desk.recording(actor, OF_CALL, null),
  delete: (actor) => desk.deleteRecording(actor, OF_CALL, { callId: CALL, alsoInBucket: false }),
  deleteCopies: (actor) => desk.deleteRecording(actor, OF_CALL, { callId: CALL, alsoInBucket: true }),
  deleteAnywhere: (actor) => desk.deleteRecording(actor, OF_CALL, { callId: null, alsoInBucket: false }),
  library: (actor) => desk.recordings(actor),
  rows: (actor) => desk.rows(actor),
  cleanUp: (actor) => desk.cleanUp(actor, 0),
  app: (actor) => desk.requireOwner(actor),
} satisfies Record<string, (actor: Actor) => unknown>;
type DeedName = keyof typeof DEEDS;

const no = 'FORBIDDEN';

// [the owner, a host's token, a guest's token, a host's token of another call], in a call that this app hosts.
const AS_HOST: Record<DeedName, readonly [string, string, string, string]> = {
  create: ['done', no, no, no],
  inspect: ['done', no, no, no],
  join: ['done', no, no, no],
  call: ['done', 'done', 'done', no],
  leave: ['done', no, no, no],
  end: ['done', 'done', 'NOT_HOST', no],
  remove: ['done', 'done', 'NOT_HOST', 'CALL_NOT_FOUND'],
  giveTokens: ['done', 'done', 'NOT_HOST', no],
  takeTokens: ['done', 'done', 'NOT_HOST', no],
  start: ['done', 'done', 'NOT_HOST', no],
  running: ['done', 'done', 'NOT_HOST', no],
  stop: ['done', 'done', 'NOT_HOST', 'RECORDING_NOT_FOUND'],
  pause: ['done', 'done', 'NOT_HOST', 'RECORDING_NOT_FOUND'],
  resume: ['done', 'done', 'NOT_HOST', 'RECORDING_NOT_FOUND'],
  mark: ['done', 'done', 'NOT_HOST', 'RECORDING_NOT_FOUND'],
  see: ['done', 'done', 'done', no],
  seeAnywhere: ['done', no, no, no],
  delete: ['done', 'done', 'NOT_HOST', no],
  deleteCopies: ['done', no, no, no],
  deleteAnywhere: ['done', no, no, no],
  library: ['done', no, no, no],
  rows: ['done', no, no, no],
  cleanUp: ['done', no, no, no],
  app: ['done', no, no, no],
};

// What is otherwise when this app is a guest in that call, and when the call is over: [the owner, a host's token, a guest's token].
const AS_GUEST: Partial<Record<DeedName, readonly [string, string, string]>> = {
  end: ['NOT_HOST', 'NOT_HOST', 'NOT_HOST'],
  remove: ['NOT_HOST', 'NOT_HOST', 'NOT_HOST'],
  giveTokens: ['NOT_HOST', 'NOT_HOST', 'NOT_HOST'],
  takeTokens: ['NOT_HOST', 'NOT_HOST', 'NOT_HOST'],
  start: ['NOT_HOST', 'NOT_HOST', 'NOT_HOST'],
  running: ['NOT_HOST', 'NOT_HOST', 'NOT_HOST'],
};
const AFTERWARDS: Partial<Record<DeedName, readonly [string, string, string]>> = {
  call: ['CALL_NOT_FOUND', 'CALL_NOT_FOUND', 'CALL_NOT_FOUND'],
  leave: ['CALL_NOT_FOUND', no, no],
  end: ['CALL_NOT_FOUND', 'CALL_NOT_FOUND', 'NOT_HOST'],
  remove: ['NOT_IN_CALL', 'CALL_NOT_FOUND', 'NOT_HOST'],
  giveTokens: ['CALL_NOT_FOUND', 'CALL_NOT_FOUND', 'NOT_HOST'],
  start: ['CALL_NOT_FOUND', 'CALL_NOT_FOUND', 'NOT_HOST'],
  running: ['CALL_NOT_FOUND', 'CALL_NOT_FOUND', 'NOT_HOST'],
};

const deeds = Object.keys(DEEDS) as DeedName[];

describe('the desk', () => {
  it.each(deeds)('in a call that this app hosts: %s', async (deed) => {
    const outcomes = [];
    for (const actor of [OWNER, HOST, GUEST, OTHER_HOST]) outcomes.push(await outcome(() => DEEDS[deed](actor)));
    expect(outcomes).toEqual(AS_HOST[deed]);
  });

  it.each(deeds)('in a call where this app is a guest: %s', async (deed) => {
    world.call = someCall({ id: CALL, role: 'participant' });
    const outcomes = [];
    for (const actor of [OWNER, HOST, GUEST]) outcomes.push(await outcome(() => DEEDS[deed](actor)));
    expect(outcomes).toEqual(AS_GUEST[deed] ?? AS_HOST[deed].slice(0, 3));
  });

  it.each(deeds)('when the call is over: %s', async (deed) => {
    world.call = null;
    const outcomes = [];
    for (const actor of [OWNER, HOST, GUEST]) outcomes.push(await outcome(() => DEEDS[deed](actor)));
    expect(outcomes).toEqual(AFTERWARDS[deed] ?? AS_HOST[deed].slice(0, 3));
  });

  it('does nothing of what it refuses', async () => {
    for (const deed of deeds) {
      for (const [index, actor] of [OWNER, HOST, GUEST, OTHER_HOST].entries()) {
        world.done.length = 0;
        await outcome(() => DEEDS[deed](actor));
        if (AS_HOST[deed][index] !== 'done') expect(world.done, deed).toEqual([]);
      }
    }
  });

  it('shows a token its own call only', () => {
    expect(desk.calls(OWNER).map(({ id }) => id)).toEqual([CALL]);
    expect(desk.calls(GUEST).map(({ id }) => id)).toEqual([CALL]);
    expect(desk.calls(OTHER_HOST)).toEqual([]);
    world.call = null;
    expect(desk.calls(OWNER)).toEqual([]);
  });

  it('says the same of a recording of another call as of one that never was, to everybody who asks by the path of a call', async () => {
    const words = async (work: () => Promise<unknown>): Promise<unknown> =>
      work().then(
        () => 'done',
        (error: unknown) => (error instanceof AppError ? [error.code, error.message, error.details] : error),
      );
    for (const actor of [OWNER, HOST, GUEST]) {
      for (const work of [
        (id: typeof NONE) => desk.recording(actor, id, CALL),
        (id: typeof NONE) => desk.deleteRecording(actor, id, { callId: CALL, alsoInBucket: false }),
      ]) {
        const [ofOther, ofNone] = [await words(() => work(OF_OTHER)), await words(() => work(NONE))];
        expect(ofOther).not.toBe('done');
        expect(ofOther).toEqual(ofNone);
      }
    }
    for (const work of [
      (actor: Actor, id: typeof NONE) => desk.stopRecording(actor, id),
      (actor: Actor, id: typeof NONE) => desk.pauseRecording(actor, id),
      (actor: Actor, id: typeof NONE) => desk.resumeRecording(actor, id),
    ]) {
      expect(await words(() => work(HOST, OF_OTHER))).toEqual([
        'RECORDING_NOT_FOUND',
        'There is no such recording.',
        undefined,
      ]);
      expect(await words(() => work(HOST, OF_OTHER))).toEqual(await words(() => work(HOST, NONE)));
    }
    expect(world.done).toEqual([]);
  });

  it('never takes the recording that is left to stop of the call before for one of this call', async () => {
    world.running = shownRecording({ id: OF_OTHER, callId: OTHER_CALL });
    expect(await outcome(() => desk.runningRecording(OWNER, CALL))).toBe('RECORDING_NOT_RUNNING');
    expect(await outcome(() => desk.runningRecording(HOST, CALL))).toBe('RECORDING_NOT_RUNNING');
    world.running = null;
    expect(await outcome(() => desk.runningRecording(OWNER, CALL))).toBe('RECORDING_NOT_RUNNING');
  });

  it('starts the recording of the call that was meant, and names it to the recorder', async () => {
    await desk.startRecording(HOST, CALL);
    await desk.startRecording(OWNER, null);
    expect(world.done).toEqual([`start ${CALL}`, `start ${CALL}`]);
    expect(await outcome(() => desk.startRecording(OWNER, OTHER_CALL))).toBe('CALL_NOT_FOUND');
  });
});
