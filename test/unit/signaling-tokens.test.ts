import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { callIdSchema, identitySchema } from '../../contract/ids.ts';
import { formatInviteLink, parseInviteLink } from '../../contract/invite.ts';
import { createPermitSigner, makeInviteId, makeSecret, secretsMatch } from '../../signaling/tokens.ts';

const callId = callIdSchema.parse(randomUUID());
const otherCall = callIdSchema.parse(randomUUID());
const identity = identitySchema.parse(randomUUID());
const otherIdentity = identitySchema.parse(randomUUID());
const inviteId = makeInviteId();
const scope = { callId, identity, role: 'participant' } as const;
const valid = { kind: 'valid', inviteId };
const invalid = { kind: 'invalid' };

/** The token with its expiry moved by a millisecond. */
function moved(token: string): string {
  const [version, id, expires, signature] = token.split('.');
  return `${version}.${id}.${(Number.parseInt(expires ?? '', 36) + 1).toString(36)}.${signature}`;
}

const JUNK = [
  '',
  'x',
  '2.2.3.4',
  '2...',
  `2.abcdefghijkl.rs.${'a'.repeat(43)}`,
  `1.rs.${'a'.repeat(43)}`,
  '2.a.rs.\u0000',
];

describe('an invite', () => {
  const permits = createPermitSigner();
  const token = permits.signInvite({ callId, inviteId }, 1000);

  test('holds for its call until the very millisecond it expires, and says which invite it is', () => {
    expect(permits.verifyInvite(token, callId, 999)).toEqual(valid);
    expect(permits.verifyInvite(token, callId, 1000)).toEqual({ kind: 'expired' });
  });

  test('of another call, or of another server, is invalid', () => {
    expect(permits.verifyInvite(token, otherCall, 0)).toEqual(invalid);
    expect(createPermitSigner().verifyInvite(token, callId, 0)).toEqual(invalid);
  });

  test('whose expiry was moved, or that claims to be another one, is invalid, not expired', () => {
    for (const nowMs of [0, 5000]) {
      expect(permits.verifyInvite(moved(token), callId, nowMs)).toEqual(invalid);
      expect(permits.verifyInvite(token.replace(inviteId, makeInviteId()), callId, nowMs)).toEqual(invalid);
    }
  });

  test.each(JUNK)('%j is none', (junk) => {
    expect(permits.verifyInvite(junk, callId, 0)).toEqual(invalid);
  });

  test('survives the trip through an invite link', () => {
    const link = formatInviteLink({ callId, server: 'wss://calls.example.org:443', token });
    expect(parseInviteLink(link)).toEqual({ callId, server: 'wss://calls.example.org:443', token });
  });
});

describe('a join token', () => {
  const permits = createPermitSigner();
  const token = permits.signJoin({ ...scope, inviteId }, 1000);

  test('holds for one identity in one call until the very millisecond it expires', () => {
    expect(permits.verifyJoin(token, scope, 999)).toEqual(valid);
    expect(permits.verifyJoin(token, scope, 1000)).toEqual({ kind: 'expired' });
  });

  test.each([
    ['room', { ...scope, callId: otherCall }],
    ['identity', { ...scope, identity: otherIdentity }],
    ['role', { ...scope, role: 'host' as const }],
  ])('of another %s is invalid', (_what, other) => {
    expect(permits.verifyJoin(token, other, 0)).toEqual(invalid);
  });

  test('of another run of the server is invalid, of the same key valid', () => {
    expect(createPermitSigner().verifyJoin(token, scope, 0)).toEqual(invalid);
    const key = Buffer.alloc(32, 7);
    const signed = createPermitSigner(key).signJoin({ ...scope, inviteId }, 1000);
    expect(createPermitSigner(key).verifyJoin(signed, scope, 0)).toEqual(valid);
  });

  test('whose expiry was moved, or that claims to come from another invite, is invalid', () => {
    expect(permits.verifyJoin(moved(token), scope, 0)).toEqual(invalid);
    expect(permits.verifyJoin(token.replace(inviteId, makeInviteId()), scope, 0)).toEqual(invalid);
  });

  test('is no invite, and an invite is no join token', () => {
    expect(permits.verifyInvite(token, callId, 0)).toEqual(invalid);
    expect(permits.verifyJoin(permits.signInvite({ callId, inviteId }, 1000), scope, 0)).toEqual(invalid);
  });

  test.each(JUNK)('%j is none', (junk) => {
    expect(permits.verifyJoin(junk, scope, 0)).toEqual(invalid);
  });
});

test('secrets differ from each other and need no encoding in an address', () => {
  const secrets = Array.from({ length: 200 }, makeSecret);
  expect(new Set(secrets).size).toBe(200);
  for (const secret of secrets) expect(secret).toMatch(/^[\w-]{32}$/);
});

test('a secret matches only itself, whatever the lengths', () => {
  expect(secretsMatch('abc', 'abc')).toBe(true);
  expect(secretsMatch('abc', 'abd')).toBe(false);
  expect(secretsMatch('', 'abc')).toBe(false);
  expect(secretsMatch('abcabc', 'abc')).toBe(false);
});
