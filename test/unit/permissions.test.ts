import { describe, expect, it } from 'vitest';
import { callIdSchema } from '../../contract/ids.ts';
import type { Actor } from '../../main/calls/actor.ts';
import { refusal, refusalOfApp, type Deed } from '../../main/calls/permissions.ts';

const OWN = callIdSchema.parse('00000000-0000-4000-8000-00000000000a');
const OTHER = callIdSchema.parse('00000000-0000-4000-8000-00000000000b');

const ACTORS = {
  owner: { kind: 'owner' },
  host: { kind: 'member', userId: 'ada', callId: OWN, role: 'host' },
  guest: { kind: 'member', userId: 'ben', callId: OWN, role: 'participant' },
} as const satisfies Record<string, Actor>;

const CALLS = { own: OWN, other: OTHER, none: null } as const;

type Cell = 'may' | 'FORBIDDEN' | 'NOT_HOST';
type Row = { [A in keyof typeof ACTORS]: readonly [own: Cell, other: Cell, none: Cell] };

// Every cell is written down by hand: a table that computes itself would agree with any other.
const MATRIX: Record<Deed, Row> = {
  enterCall: {
    owner: ['may', 'may', 'may'],
    host: ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
    guest: ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
  },
  leaveCall: {
    owner: ['may', 'may', 'may'],
    host: ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
    guest: ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
  },
  seeCall: {
    owner: ['may', 'may', 'may'],
    host: ['may', 'FORBIDDEN', 'FORBIDDEN'],
    guest: ['may', 'FORBIDDEN', 'FORBIDDEN'],
  },
  endCall: {
    owner: ['may', 'may', 'may'],
    host: ['may', 'FORBIDDEN', 'FORBIDDEN'],
    guest: ['NOT_HOST', 'FORBIDDEN', 'FORBIDDEN'],
  },
  removePerson: {
    owner: ['may', 'may', 'may'],
    host: ['may', 'FORBIDDEN', 'FORBIDDEN'],
    guest: ['NOT_HOST', 'FORBIDDEN', 'FORBIDDEN'],
  },
  giveTokens: {
    owner: ['may', 'may', 'may'],
    host: ['may', 'FORBIDDEN', 'FORBIDDEN'],
    guest: ['NOT_HOST', 'FORBIDDEN', 'FORBIDDEN'],
  },
  takeTokens: {
    owner: ['may', 'may', 'may'],
    host: ['may', 'FORBIDDEN', 'FORBIDDEN'],
    guest: ['NOT_HOST', 'FORBIDDEN', 'FORBIDDEN'],
  },
  record: {
    owner: ['may', 'may', 'may'],
    host: ['may', 'FORBIDDEN', 'FORBIDDEN'],
    guest: ['NOT_HOST', 'FORBIDDEN', 'FORBIDDEN'],
  },
  seeRecording: {
    owner: ['may', 'may', 'may'],
    host: ['may', 'FORBIDDEN', 'FORBIDDEN'],
    guest: ['may', 'FORBIDDEN', 'FORBIDDEN'],
  },
  deleteRecording: {
    owner: ['may', 'may', 'may'],
    host: ['may', 'FORBIDDEN', 'FORBIDDEN'],
    guest: ['NOT_HOST', 'FORBIDDEN', 'FORBIDDEN'],
  },
  deleteInBucket: {
    owner: ['may', 'may', 'may'],
    host: ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
    guest: ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
  },
  seeLibrary: {
    owner: ['may', 'may', 'may'],
    host: ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
    guest: ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
  },
  cleanUp: {
    owner: ['may', 'may', 'may'],
    host: ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
    guest: ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
  },
  seeApp: {
    owner: ['may', 'may', 'may'],
    host: ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
    guest: ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN'],
  },
};

const deeds = Object.keys(MATRIX) as Deed[];
const actors = Object.keys(ACTORS) as (keyof typeof ACTORS)[];
const cells = deeds.flatMap((deed) =>
  actors.flatMap((actor) =>
    (['own', 'other', 'none'] as const).map((call, index) => ({
      deed,
      actor,
      call,
      wanted: MATRIX[deed][actor][index] ?? 'may',
    })),
  ),
);

describe('who may do what', () => {
  it.each(cells)('$actor, $deed, call: $call -> $wanted', ({ deed, actor, call, wanted }) => {
    expect(refusal(ACTORS[actor], deed, CALLS[call])?.code ?? 'may').toBe(wanted);
  });

  it('tells an identity the same of a call that is on and of one that never was', () => {
    const never = callIdSchema.parse('ffffffff-ffff-4fff-8fff-ffffffffffff');
    for (const deed of deeds) {
      for (const actor of [ACTORS.host, ACTORS.guest]) {
        const [one, two] = [refusal(actor, deed, OTHER), refusal(actor, deed, never)];
        expect([one?.code, one?.message]).toEqual([two?.code, two?.message]);
        expect(one).not.toBeNull();
      }
    }
  });
});

describe('what the app itself may do as a guest', () => {
  const AS_GUEST: Record<Deed, 'may' | 'NOT_HOST'> = {
    enterCall: 'may',
    leaveCall: 'may',
    seeCall: 'may',
    endCall: 'NOT_HOST',
    removePerson: 'NOT_HOST',
    giveTokens: 'NOT_HOST',
    takeTokens: 'NOT_HOST',
    record: 'NOT_HOST',
    seeRecording: 'may',
    deleteRecording: 'NOT_HOST',
    deleteInBucket: 'may',
    seeLibrary: 'may',
    cleanUp: 'may',
    seeApp: 'may',
  };

  it.each(deeds)('%s', (deed) => {
    expect(refusalOfApp(deed, 'participant')?.code ?? 'may').toBe(AS_GUEST[deed]);
    expect(refusalOfApp(deed, 'host')).toBeNull();
  });
});
