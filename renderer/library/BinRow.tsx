import { ArchiveRestore, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { BinEntry } from '../../contract/retention.ts';
import { recordingTitle } from '../recording/recording-words.ts';
import { Button } from '../ui/Button.tsx';
import { nameList } from '../ui/people-words.ts';
import { sizeWords } from '../ui/size-words.ts';
import { dateWords } from '../ui/time-words.ts';
import { binGoesWords, binKindWords } from './retention-words.ts';

type BinRowProps = { entry: BinEntry; busy: boolean; onRestore: () => void; onDelete: () => void };

/** One thing in the bin. */
export function BinRow({ entry, busy, onRestore, onDelete }: BinRowProps) {
  const [now] = useState(() => new Date());
  const title = recordingTitle(entry);
  return (
    <li className="bin-row" aria-label={title}>
      <div className="recording-text">
        <span className="title-plain one-line">{title}</span>
        <span className="small quiet one-line">{nameList(entry.participantNames)}</span>
        <span className="small quiet figures one-line">
          {dateWords(entry.startedAt, now)} · {sizeWords(entry.sizeBytes)}
        </span>
      </div>
      <div className="recording-state">
        <span className="small figures">{binGoesWords(entry, now)}</span>
        <span className="small quiet">{binKindWords(entry.kind)}</span>
      </div>
      <div className="bin-buttons">
        <Button look="outline" disabled={busy} aria-label={`Restore ${title}`} onClick={onRestore}>
          <ArchiveRestore className="icon" aria-hidden />
          Restore
        </Button>
        <Button look="plain" disabled={busy} aria-label={`Delete ${title} now`} onClick={onDelete}>
          <Trash2 className="icon" aria-hidden />
          Delete now
        </Button>
      </div>
    </li>
  );
}
