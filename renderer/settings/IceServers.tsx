import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { IceServer } from '../../contract/settings.ts';
import { Button } from '../ui/Button.tsx';
import { Field } from '../ui/Field.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { LockedLine } from '../ui/LockedLine.tsx';
import { checkIceRow, iceRow, type IceRow } from './setting-check.ts';
import { useLocked } from './use-locked.ts';

/** Largest number of servers that the contract takes. */
const MAX_SERVERS = 10;

type Draft = { key: number; row: IceRow; touched: boolean };

/** Servers that help to connect, as rows; the list is saved whenever every row in it is valid. */
export function IceServers({ servers, onSave }: { servers: IceServer[]; onSave: (servers: IceServer[]) => void }) {
  const locked = useLocked('iceServers');
  const [drafts, setDrafts] = useState<Draft[]>(() =>
    servers.map((server, index) => ({ key: index, row: iceRow(server), touched: false })),
  );
  const [nextKey, setNextKey] = useState(servers.length);

  const keep = (next: Draft[]): void => {
    setDrafts(next);
    const checked = next.map((draft) => checkIceRow(draft.row));
    const valid = checked.flatMap((result) => (result.ok ? [result.value] : []));
    if (valid.length === checked.length) onSave(valid);
  };
  const change = (key: number, part: Partial<IceRow>): void =>
    setDrafts(drafts.map((draft) => (draft.key === key ? { ...draft, row: { ...draft.row, ...part } } : draft)));
  const leave = (key: number): void =>
    keep(drafts.map((draft) => (draft.key === key ? { ...draft, touched: true } : draft)));

  return (
    <fieldset
      className="ice-servers"
      disabled={locked !== null}
      aria-describedby={locked === null ? undefined : 'ice-locked'}
    >
      <legend className="field-label">ICE servers</legend>
      <span className="field-help">
        STUN and TURN servers help two people connect through routers and firewalls. In one network none is needed.
      </span>
      {locked === null ? null : <LockedLine id="ice-locked" words={locked} />}
      {drafts.length === 0 ? <p className="small quiet">No server is set.</p> : null}
      <ul className="ice-list">
        {drafts.map((draft, index) => {
          const checked = checkIceRow(draft.row);
          const error = draft.touched && !checked.ok ? `${checked.reason} Not saved.` : null;
          return (
            <li key={draft.key} className="ice-row" aria-label={`Server ${index + 1}`} onBlur={() => leave(draft.key)}>
              <Field label="Address" error={error}>
                {({ id, describedBy, invalid }) => (
                  <input
                    id={id}
                    className="input"
                    value={draft.row.urls}
                    placeholder="turn:turn.example.org:3478"
                    autoComplete="off"
                    spellCheck={false}
                    aria-describedby={describedBy}
                    aria-invalid={invalid}
                    onChange={(event) => change(draft.key, { urls: event.target.value })}
                  />
                )}
              </Field>
              <Field label="User name">
                {({ id }) => (
                  <input
                    id={id}
                    className="input"
                    value={draft.row.username}
                    maxLength={500}
                    autoComplete="off"
                    spellCheck={false}
                    onChange={(event) => change(draft.key, { username: event.target.value })}
                  />
                )}
              </Field>
              <Field label="Password">
                {({ id }) => (
                  <input
                    id={id}
                    className="input"
                    type="password"
                    value={draft.row.credential}
                    maxLength={500}
                    autoComplete="off"
                    onChange={(event) => change(draft.key, { credential: event.target.value })}
                  />
                )}
              </Field>
              <IconButton
                label={`Remove server ${index + 1}`}
                onClick={() => keep(drafts.filter((other) => other.key !== draft.key))}
              >
                <Trash2 className="icon" aria-hidden />
              </IconButton>
            </li>
          );
        })}
      </ul>
      <div>
        <Button
          look="outline"
          disabled={drafts.length >= MAX_SERVERS}
          onClick={() => {
            setDrafts([...drafts, { key: nextKey, row: { urls: '', username: '', credential: '' }, touched: false }]);
            setNextKey(nextKey + 1);
          }}
        >
          <Plus className="icon" aria-hidden />
          Add server
        </Button>
      </div>
    </fieldset>
  );
}
