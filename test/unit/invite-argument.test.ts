import { expect, it } from 'vitest';
import { formatInviteLink } from '../../contract/invite.ts';
import { callIdSchema } from '../../contract/ids.ts';
import { inviteOfArguments, readInvite } from '../../main/shell/invite-argument.ts';

const callId = callIdSchema.parse('01234567-89ab-cdef-0123-456789abcdef');
const link = formatInviteLink({ callId, server: 'ws://127.0.0.1:9000', token: 'a'.repeat(40) });

it('finds a link among the switches of a command line', () => {
  expect(inviteOfArguments(['--user-data-dir=/x', '.', link, '--flag'])).toBe(link);
  expect(inviteOfArguments(['--x', 'tallylight://join/nonsense', link])).toBe(link);
});

it.each([
  'tallylight://join/nonsense',
  link.replace('join', 'record'),
  link.replace('tallylight:', 'https:'),
  link.replace('ws%3A', 'http%3A'),
  `--invite=${link}`,
  `${link}${'x'.repeat(3000)}`,
  'tallylight://',
  '',
])('takes %j for nothing', (argument) => {
  expect(readInvite(argument)).toBeNull();
  expect(inviteOfArguments([argument])).toBeNull();
});
