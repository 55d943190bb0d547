import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { callIdSchema } from '../../contract/ids.ts';
import { formatInviteLink, parseInviteLink } from '../../contract/invite.ts';
import { createInviteSigner, makeSecret, secretsMatch } from '../../signaling/tokens.ts';

const callId = callIdSchema.parse(randomUUID());
const otherCall = callIdSchema.parse(randomUUID());

test('an invite holds for its call until the very millisecond it expires', () => {
  const invites = createInviteSigner();
  const token = invites.sign(callId, 1000);
  expect(invites.verify(token, callId, 999)).toBe('valid');
  expect(invites.verify(token, callId, 1000)).toBe('expired');
});

test('an invite of another call, or of another server, is invalid', () => {
  const invites = createInviteSigner();
  const token = invites.sign(callId, 1000);
  expect(invites.verify(token, otherCall, 0)).toBe('invalid');
  expect(createInviteSigner().verify(token, callId, 0)).toBe('invalid');
});

test('an invite whose expiry was moved is invalid, not expired', () => {
  const invites = createInviteSigner();
  const [version, expires, signature] = invites.sign(callId, 1000).split('.');
  const later = `${version}.${(Number.parseInt(expires ?? '', 36) + 1).toString(36)}.${signature}`;
  expect(invites.verify(later, callId, 0)).toBe('invalid');
  expect(invites.verify(later, callId, 5000)).toBe('invalid');
});

test.each(['', 'x', '1.2.3', '1..', `1.rs.${'a'.repeat(43)}`, `1.rs.${'a'.repeat(500)}`, '2.rs.x', '1.rs.\u0000'])(
  'the token %j is invalid',
  (token) => {
    expect(createInviteSigner().verify(token, callId, 0)).toBe('invalid');
  },
);

test('an invite token survives the trip through an invite link', () => {
  const token = createInviteSigner().sign(callId, Date.now() + 1000);
  const link = formatInviteLink({ callId, server: 'wss://calls.example.org:443', token });
  expect(parseInviteLink(link)).toEqual({ callId, server: 'wss://calls.example.org:443', token });
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
