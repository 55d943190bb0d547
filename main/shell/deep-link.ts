import { app } from 'electron';
import { inviteOfArguments, readInvite } from './invite-argument.ts';

/** Makes this app the one that opens tallylight:// links; only an installed app has a stable path to register. */
export function registerLinks(): void {
  if (app.isPackaged) app.setAsDefaultProtocolClient('tallylight');
}

/** Hands every valid invite link that opens the app, now or later, to `onInvite`. It fills in the lobby and does nothing else. */
export function listenToLinks(onInvite: (link: string) => void, onActivate: () => void): void {
  const first = inviteOfArguments(process.argv.slice(1));
  if (first !== null) onInvite(first);
  app.on('second-instance', (_event, args) => {
    onActivate();
    const link = inviteOfArguments(args.slice(1));
    if (link !== null) onInvite(link);
  });
  // macOS hands links over by an event.
  app.on('open-url', (event, address) => {
    event.preventDefault();
    onActivate();
    const link = readInvite(address);
    if (link !== null) onInvite(link);
  });
}
