import { WifiOff, Wifi } from 'lucide-react';
import { useState } from 'react';
import type { Call } from '../../contract/call.ts';
import { useNow } from '../app/use-now.ts';
import { peopleCount } from '../ui/people-words.ts';
import { clockWords } from '../ui/time-words.ts';

/** Name of the call, time in it, people, connection. */
export function TopBar({ call, title }: { call: Call; title: string }) {
  const now = useNow(500);
  const [wallZeroMs] = useState(() => Date.now() - performance.now());
  const connected = call.connection === 'connected';
  return (
    <header className="top-bar">
      <h1 className="top-title one-line">{title}</h1>
      <span className="figures quiet" role="timer" aria-label="Time in this call">
        {clockWords(wallZeroMs + now - call.joinedAtMs)}
      </span>
      <span className="quiet">{peopleCount(call.participants.length)}</span>
      <span className="top-connection" role="status" data-connection={call.connection}>
        {connected ? <Wifi className="icon" aria-hidden /> : <WifiOff className="icon" aria-hidden />}
        {connected ? 'Connected' : 'Reconnecting'}
      </span>
    </header>
  );
}
