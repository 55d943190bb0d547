import { parseInviteLink } from '../../contract/invite.ts';

/** Takes a valid invite link out of a command line; everything else on it is ignored. */
export function inviteOfArguments(args: readonly string[]): string | null {
  return args.map(readInvite).find((link) => link !== null) ?? null;
}

/** The link itself when it is one of ours, else null: an address that the system hands over is untrusted input. */
export function readInvite(link: string): string | null {
  if (!/^tallylight:/i.test(link)) return null;
  try {
    parseInviteLink(link);
    return link.trim();
  } catch {
    return null;
  }
}
