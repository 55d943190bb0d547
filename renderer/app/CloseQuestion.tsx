import { useEffect, useState } from 'react';
import { LeaveDialog } from '../stage/LeaveDialog.tsx';
import { useCallView, useServices } from './services.ts';

/** The person closed the window while a call or a recording runs: one question, answered to main. */
export function CloseQuestion() {
  const { client } = useServices();
  const view = useCallView();
  const [asked, setAsked] = useState<{ recording: boolean; inCall: boolean } | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(
    () =>
      client.on('app.closeRequested', (question) => {
        setBusy(false);
        setAsked(question);
      }),
    [client],
  );
  if (asked === null) return null;
  const answer = (choice: 'endAndClose' | 'stay'): void => {
    if (choice === 'stay') setAsked(null);
    else setBusy(true);
    client.request('app.close', { choice }).catch(() => setBusy(false));
  };
  return (
    <LeaveDialog
      isHost={asked.recording || (view.kind === 'inCall' && view.call.role === 'host')}
      recording={asked.recording}
      closing
      busy={busy}
      onLeave={() => answer('endAndClose')}
      onStay={() => answer('stay')}
    />
  );
}
