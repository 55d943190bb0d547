import { useState } from 'react';
import type { Call, CallRecording } from '../../contract/call.ts';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import { useServices } from '../app/services.ts';
import { clockWords } from '../ui/time-words.ts';
import { Tip } from '../ui/Tip.tsx';
import { useElapsed } from './elapsed.ts';
import { Lamp } from './Lamp.tsx';
import { lampState, lampWords, type LampState, type RecordWish } from './lamp-state.ts';

type RecordControlProps = {
  call: Call;
  recording: CallRecording | null;
  onError: (error: ErrorShape | null) => void;
};

/** The middle of the bar: for the host a button that starts and stops, for everybody else the same lamp without buttons. */
export function RecordControl({ call, recording, onError }: RecordControlProps) {
  const { client, recordings } = useServices();
  const [wish, setWish] = useState<RecordWish>(null);
  // A wish is over as soon as the call shows its result.
  const open = wish === 'start' ? recording === null : wish === 'stop' ? recording !== null : true;
  if (!open) setWish(null);

  const state = lampState(recording, open ? wish : null);
  const running =
    state.kind === 'onDisk' || state.kind === 'degraded' || (state.kind === 'starting' && recording !== null);
  const elapsedMs = useElapsed(recording?.elapsedMs ?? 0, running);
  const time = recording === null ? null : <span className="record-time figures">{clockWords(elapsedMs)}</span>;

  const ask = async (next: 'start' | 'stop'): Promise<void> => {
    onError(null);
    setWish(next);
    try {
      const answer =
        next === 'stop' && recording !== null
          ? await client.request('recording.stop', { recordingId: recording.recordingId })
          : await client.request('recording.start', {});
      recordings.put(answer);
    } catch (error) {
      setWish(null);
      onError(toErrorShape(error));
    }
  };

  // Said once per change of state: a count of seconds that is read out every second would drown the call.
  const [said, setSaid] = useState({ kind: state.kind, words: lampWords(state) });
  if (said.kind !== state.kind) setSaid({ kind: state.kind, words: lampWords(state) });
  const spoken = (
    <span className="visually-hidden" role="status">
      {said.words}
    </span>
  );

  if (call.role !== 'host') {
    if (state.kind === 'off') return <div className="record-control">{spoken}</div>;
    return (
      <div className="record-control" data-record={state.kind} role="group" aria-label="Recording">
        <Lamp state={state} />
        {time}
        <span className="record-words">{guestWords(state, recording?.recordedBy ?? 'the host')}</span>
        {spoken}
      </div>
    );
  }

  const label = recording === null ? 'Record' : 'Stop recording';
  const busy = state.kind === 'stopping' || (state.kind === 'starting' && recording === null);
  return (
    <div className="record-control" data-record={state.kind} role="group" aria-label="Recording">
      <Tip text={recording === null ? 'Record this call: everybody is told' : 'Stop and save the recording'}>
        <button
          type="button"
          className="record-button"
          aria-label={label}
          aria-pressed={recording !== null}
          disabled={busy}
          onClick={() => void ask(recording === null ? 'start' : 'stop')}
        >
          <Lamp state={state} />
          <span aria-hidden>
            {state.kind === 'stopping' ? 'Saving' : busy ? 'Starting' : recording === null ? 'Record' : 'Stop'}
          </span>
        </button>
      </Tip>
      {time}
      {state.kind === 'degraded' ? <span className="record-words">{state.words}</span> : null}
      {state.kind === 'starting' && recording !== null ? (
        <span className="record-words">Waiting for the first bytes on the disk</span>
      ) : null}
      {state.kind === 'paused' ? <span className="record-words">Paused</span> : null}
      {spoken}
    </div>
  );
}

/** What stands beside the lamp of somebody who has no button. */
function guestWords(state: LampState, recordedBy: string): string {
  if (state.kind === 'degraded') return state.words;
  if (state.kind === 'stopping') return 'Recording stopped';
  return state.kind === 'paused' ? `Paused by ${recordedBy}` : `Recorded by ${recordedBy}`;
}
