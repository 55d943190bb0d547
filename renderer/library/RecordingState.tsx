import { Check, Cloud, Pin, RefreshCw, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { Recording } from '../../contract/recording.ts';
import { useNavigate } from '../app/services.ts';
import { isAtRest, isBeingSaved, recordingStateWords, recordingTitle } from '../recording/recording-words.ts';
import { Button } from '../ui/Button.tsx';
import { errorWords } from '../ui/error-words.ts';
import { Progress } from '../ui/Progress.tsx';
import { Aftermath } from './Aftermath.tsx';
import { cloudLine, type CloudLine } from './cloud-words.ts';
import type { Command } from './commands.ts';
import { leavingOf, type Leaving } from './leaving-words.ts';

type RecordingStateProps = { recording: Recording; onCommand: (command: Command) => void };

/** What has become of a recording: saved or not, what the bucket has, and when it leaves. */
export function RecordingState({ recording, onCommand }: RecordingStateProps) {
  const [now] = useState(() => new Date());
  const words = recordingStateWords(recording);
  const busy = isBeingSaved(recording);
  const failed = recording.status === 'failed';
  const line = cloudLine(recording.cloud);
  const leaving = leavingOf(recording, now);
  // What is in the bucket, or only there, was saved: one line says both.
  const savedIsSaid = leaving?.kind === 'gone' || line?.kind === 'there';
  const plain = recording.status === 'completed' && !busy && savedIsSaid;
  return (
    <div className="recording-state">
      {plain ? null : (
        <span className="recording-state-words figures" data-status={recording.status}>
          {failed ? <TriangleAlert className="icon" aria-hidden /> : null}
          {words}
        </span>
      )}
      {busy ? (
        <Progress label={`${words}: ${recordingTitle(recording)}`} fraction={recording.progress?.fraction ?? null} />
      ) : null}
      {failed ? (
        <>
          {recording.error === null ? null : (
            <span className="small quiet">{errorWords(recording.error.code).nextStep}</span>
          )}
          <div>
            <Button look="outline" onClick={() => onCommand({ kind: 'retry' })}>
              <RefreshCw className="icon" aria-hidden />
              Try again
            </Button>
          </div>
        </>
      ) : null}
      {leaving?.kind === 'gone' ? <LeavingLine leaving={leaving} /> : null}
      {line === null || (leaving?.kind === 'gone' && line.kind === 'there') ? null : (
        <CloudState line={line} recording={recording} onRetry={() => onCommand({ kind: 'uploadAgain' })} />
      )}
      {leaving === null || leaving.kind === 'gone' ? null : <LeavingLine leaving={leaving} />}
      {isAtRest(recording) ? <Aftermath recording={recording} /> : null}
    </div>
  );
}

type CloudStateProps = { line: CloudLine; recording: Recording; onRetry: () => void };

function CloudState({ line, recording, onRetry }: CloudStateProps) {
  const navigate = useNavigate();
  if (line.kind === 'there') {
    return (
      <span className="recording-state-words figures" data-cloud={recording.cloud.state}>
        {recording.cloud.state === 'verified' ? (
          <Check className="icon cloud-there" aria-hidden />
        ) : (
          <Cloud className="icon" aria-hidden />
        )}
        {line.words}
      </span>
    );
  }
  if (line.kind === 'going') {
    return (
      <>
        <span className="small quiet figures" data-cloud={recording.cloud.state}>
          {line.words}
        </span>
        {line.fraction === null ? null : (
          <Progress label={`Upload of ${recordingTitle(recording)}`} fraction={line.fraction} />
        )}
      </>
    );
  }
  const { settings } = line;
  return (
    <>
      <span className="recording-state-words cloud-failed" data-cloud="failed">
        <TriangleAlert className="icon" aria-hidden />
        {line.words}
      </span>
      <span className="small quiet">{line.nextStep}</span>
      <div className="cloud-buttons">
        <Button look="outline" onClick={onRetry}>
          <RefreshCw className="icon" aria-hidden />
          Retry
        </Button>
        {settings === null ? null : (
          <Button
            look="plain"
            onClick={() => navigate({ kind: 'opened', screen: { kind: 'settings', section: settings.section } })}
          >
            {settings.label}
          </Button>
        )}
      </div>
    </>
  );
}

function LeavingLine({ leaving }: { leaving: Leaving }) {
  if (leaving.kind === 'gone') {
    return (
      <span className="recording-state-words" data-leaving="gone">
        <Cloud className="icon" aria-hidden />
        {leaving.words}
      </span>
    );
  }
  return (
    <span className="leaving small quiet figures" data-leaving={leaving.kind}>
      {leaving.kind === 'pinned' ? <Pin className="icon" aria-hidden /> : null}
      {leaving.words}
    </span>
  );
}
