import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { issuedTokenSchema } from '../../contract/control.ts';
import { callIdSchema } from '../../contract/ids.ts';
import { createIssuedTokens } from '../../main/control/issued-token-book.ts';
import { OWNER } from '../../main/calls/actor.ts';
import type { IssuedTokens } from '../../main/control/issued-tokens.ts';

const callId = callIdSchema.parse('00000000-0000-4000-8000-000000000001');
const otherCallId = callIdSchema.parse('00000000-0000-4000-8000-000000000002');
let now: { wallMs: number; monotonicMs: number };
let tokens: IssuedTokens;
beforeEach(() => {
  now = { wallMs: 1_000_000, monotonicMs: 0 };
  tokens = createIssuedTokens({
    clock: { wallMs: () => now.wallMs, monotonicMs: () => now.monotonicMs },
    randomBytes,
    maxTokens: 3,
  });
});
const issue = (userId: string, validSeconds = 10, of = callId) =>
  tokens.issue({ userId, callId: of, role: 'participant', validSeconds, by: OWNER });
const issueBy = (giver: string, userId: string, validSeconds = 10) =>
  tokens.issue({
    userId,
    callId,
    role: 'host',
    validSeconds,
    by: { kind: 'member', userId: giver, callId, role: 'host' },
  });

describe('the tokens that were given out', () => {
  it('name their identity, its call and its role', () => {
    const issued = issuedTokenSchema.parse(issue('ada'));
    expect(issued.expiresAt).toBe(new Date(1_010_000).toISOString());
    expect(tokens.find(issued.token)).toEqual({ kind: 'member', userId: 'ada', callId, role: 'participant' });
    expect(Buffer.from(issued.token, 'base64url')).toHaveLength(32);
  });

  it('are not found by anything else', () => {
    const { token } = issue('ada');
    for (const other of ['', token.slice(1), `${token} `, token.toUpperCase()]) expect(tokens.find(other)).toBeNull();
  });

  it('are one for an identity in a call', () => {
    const [first, second, elsewhere] = [issue('ada'), issue('ada'), issue('ada', 10, otherCallId)];
    expect(tokens.find(first.token)).toBeNull();
    expect(tokens.find(second.token)).not.toBeNull();
    expect(tokens.find(elsewhere.token)?.callId).toBe(otherCallId);
  });

  it.each(['wallMs', 'monotonicMs'] as const)('die with their time by the clock %s alone', (clock) => {
    const { token } = issue('ada');
    now[clock] += 9_999;
    expect(tokens.find(token)).not.toBeNull();
    now[clock] += 1;
    expect(tokens.find(token)).toBeNull();
  });

  it('do not live longer when the wall clock is turned back', () => {
    const { token } = issue('ada');
    now.wallMs -= 1_000_000;
    now.monotonicMs += 10_000;
    expect(tokens.find(token)).toBeNull();
  });

  it('live no longer than the one by which they were given, also when it renews itself', () => {
    issue('ada', 5);
    const [bob, renewed] = [issueBy('ada', 'bob', 100), issueBy('ada', 'ada', 100)];
    expect([bob.expiresAt, renewed.expiresAt]).toEqual([
      new Date(1_005_000).toISOString(),
      new Date(1_005_000).toISOString(),
    ]);
    now.monotonicMs += 5_000;
    expect(tokens.find(renewed.token)).toBeNull();
  });

  it('go with the one by which they were given, whatever came between, when it is taken back or replaced', () => {
    issue('ada');
    issueBy('ada', 'bob');
    const carla = issueBy('bob', 'carla');
    expect(tokens.find(carla.token)).not.toBeNull();
    tokens.revoke(callId, 'ada');
    expect(tokens.find(carla.token)).toBeNull();
    issue('ada');
    const dora = issueBy('ada', 'dora');
    issue('ada');
    expect(tokens.find(dora.token)).toBeNull();
  });

  it('that renewed themselves still go with the one by which they were given', () => {
    issue('ada');
    issueBy('ada', 'bob');
    const renewed = issueBy('bob', 'bob');
    tokens.revoke(callId, 'ada');
    expect(tokens.find(renewed.token)).toBeNull();
  });

  it('are not given by one that is gone', () => {
    expect(() => issueBy('nobody', 'bob')).toThrow(expect.objectContaining({ code: 'UNAUTHORIZED' }));
  });

  it('can be taken back, by identity and call', () => {
    const [ada, bob] = [issue('ada'), issue('bob')];
    tokens.revoke(callId, 'ada');
    expect(tokens.find(ada.token)).toBeNull();
    expect(tokens.find(bob.token)).not.toBeNull();
    for (const [of, userId] of [
      [callId, 'ada'],
      [otherCallId, 'bob'],
    ] as const) {
      expect(() => tokens.revoke(of, userId)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    }
  });

  it('cannot be taken back once they are too old', () => {
    issue('ada');
    now.monotonicMs += 10_000;
    expect(() => tokens.revoke(callId, 'ada')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('are bounded in number; old ones and replaced ones make room', () => {
    issue('ada', 5);
    issue('bob');
    issue('cleo');
    expect(() => issue('dan')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
    expect(tokens.find(issue('bob').token)).not.toBeNull();
    now.monotonicMs += 5_000;
    expect(tokens.find(issue('dan').token)).not.toBeNull();
  });
});
