import { Check } from 'lucide-react';
import { useState } from 'react';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { Recording } from '../../contract/recording.ts';
import { useServices } from '../app/services.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { Select } from '../ui/Select.tsx';
import { untilWords } from '../ui/time-words.ts';
import { cloudFileName, verifiedFiles } from './cloud-words.ts';

const lives = [
  { value: '3600', label: '1 hour' },
  { value: '86400', label: '1 day' },
  { value: '604800', label: '7 days' },
];

type Copy =
  | { kind: 'choosing' }
  | { kind: 'working' }
  | { kind: 'copied'; until: string }
  | { kind: 'failed'; error: ErrorShape };

type LinkDialogProps = {
  recording: Recording;
  /** The file that was asked for; null lets the person choose. */
  file: string | null;
  onClose: () => void;
};

/** A link to a file in the bucket that works for everybody, for a while. */
export function LinkDialog({ recording, file, onClose }: LinkDialogProps) {
  const { client } = useServices();
  const files = verifiedFiles(recording.cloud);
  const [chosen, setChosen] = useState(file ?? files[0]?.file ?? '');
  const [seconds, setSeconds] = useState('86400');
  const [copy, setCopy] = useState<Copy>({ kind: 'choosing' });

  const run = (): void => {
    setCopy({ kind: 'working' });
    client
      .request('cloud.copyLink', { recordingId: recording.id, file: chosen, validSeconds: Number(seconds) })
      .then(({ expiresAt }) => setCopy({ kind: 'copied', until: untilWords(expiresAt, new Date()) }))
      .catch((problem: unknown) => setCopy({ kind: 'failed', error: toErrorShape(problem) }));
  };

  return (
    <Dialog
      title="Copy a link"
      onCancel={onClose}
      buttons={
        <>
          <Button look={copy.kind === 'copied' ? 'primary' : 'outline'} onClick={onClose}>
            {copy.kind === 'copied' ? 'Done' : 'Cancel'}
          </Button>
          <Button
            look={copy.kind === 'copied' ? 'outline' : 'primary'}
            disabled={copy.kind === 'working'}
            onClick={run}
          >
            {copy.kind === 'copied' ? 'Copy again' : 'Copy link'}
          </Button>
        </>
      }
    >
      <p className="quiet">Whoever has the link can open the file until it expires.</p>
      <Select
        label="File"
        value={chosen}
        choices={files.map((each) => ({
          value: each.file,
          label: cloudFileName(each, recording.deliverables),
        }))}
        onChange={(value) => {
          setChosen(value);
          setCopy({ kind: 'choosing' });
        }}
      />
      <Select
        label="Works for"
        value={seconds}
        choices={lives}
        onChange={(value) => {
          setSeconds(value);
          setCopy({ kind: 'choosing' });
        }}
      />
      <div role="status">
        {copy.kind === 'copied' ? (
          <span className="done-line figures">
            <Check className="icon" aria-hidden />
            Copied. It works until {copy.until}.
          </span>
        ) : null}
      </div>
      {copy.kind === 'failed' ? <ErrorNotice error={copy.error} /> : null}
    </Dialog>
  );
}
