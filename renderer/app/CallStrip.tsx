import { Phone } from 'lucide-react';
import type { CallView } from '../call/call-view.ts';
import { useElapsed } from '../recording/elapsed.ts';
import { Lamp } from '../recording/Lamp.tsx';
import { lampState, lampWords } from '../recording/lamp-state.ts';
import { useCallRecording } from '../recording/use-call-recording.ts';
import { callTitle } from '../stage/call-title.ts';
import { Button } from '../ui/Button.tsx';
import { peopleCount } from '../ui/people-words.ts';
import { clockWords } from '../ui/time-words.ts';
import { useNavigate } from './services.ts';

/** The running call while another screen is open: the lamp is never out of sight. */
export function CallStrip({ view }: { view: Extract<CallView, { kind: 'inCall' }> }) {
  const navigate = useNavigate();
  const { call } = view;
  const { recording } = useCallRecording(call);
  const state = lampState(recording, null);
  const elapsedMs = useElapsed(recording?.elapsedMs ?? 0, state.kind === 'onDisk' || state.kind === 'degraded');
  return (
    <section className="call-strip" aria-label="Running call">
      <span className="one-line">{callTitle(call)}</span>
      <span className="quiet small">{peopleCount(call.participants.length)}</span>
      {recording === null ? null : (
        <>
          <Lamp state={state} />
          <span className="figures">{clockWords(elapsedMs)}</span>
          <span className="visually-hidden" role="status">
            {lampWords(state)}
          </span>
          {state.kind === 'degraded' ? <span className="small">{state.words}</span> : null}
        </>
      )}
      <Button look="primary" onClick={() => navigate({ kind: 'home' })}>
        <Phone className="icon" aria-hidden />
        Back to the call
      </Button>
    </section>
  );
}
