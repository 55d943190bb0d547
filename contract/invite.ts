import { z } from 'zod';
import { parseUntrusted } from './parse-untrusted.ts';
import { callIdSchema, type CallId } from './ids.ts';
import { AppError } from './errors.ts';

/** What an invite link says: which call, at which signaling server, and the server's signed permission to join. */
export type Invite = { callId: CallId; server: string; token: string };

const inviteSchema = z.object({
  callId: callIdSchema,
  server: z
    .string()
    .max(300)
    .regex(/^wss?:\/\/[^\s/?#@]+$/),
  token: z
    .string()
    .min(16)
    .max(1000)
    .regex(/^[\w.-]+$/),
});

/** Builds the link people send each other. */
export function formatInviteLink(invite: Invite): string {
  const query = new URLSearchParams({ server: invite.server, invite: invite.token });
  return `tallylight://join/${invite.callId}?${query.toString()}`;
}

/** Reads a pasted or clicked link; throws INVITE_INVALID for anything that is not one of ours. */
export function parseInviteLink(link: string): Invite {
  const url = link.length <= 2000 && URL.canParse(link.trim()) ? new URL(link.trim()) : null;
  const parsed =
    url?.protocol === 'tallylight:' && url.host === 'join'
      ? parseUntrusted(inviteSchema, {
          callId: url.pathname.slice(1),
          server: url.searchParams.get('server'),
          token: url.searchParams.get('invite'),
        })
      : null;
  if (!parsed?.success) {
    throw new AppError('INVITE_INVALID', 'This is not a Tallylight invite link. Ask the host to copy it again.');
  }
  return parsed.data;
}
