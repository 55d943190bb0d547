import { useState } from 'react';
import type { SettingsPatch } from '../../contract/settings.ts';
import { Field } from '../ui/Field.tsx';
import { checkReserve, reserveWords } from './reserve.ts';

type ReserveSettingProps = { valueBytes: number; onSave: (patch: SettingsPatch) => void };

/** How much room a recording leaves on the disk. */
export function ReserveSetting({ valueBytes, onSave }: ReserveSettingProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const checked = draft === null ? null : checkReserve(draft);
  const finish = (): void => {
    if (checked === null || !checked.ok) return;
    setDraft(null);
    if (checked.value.diskReserveBytes !== valueBytes) onSave(checked.value);
  };
  return (
    <Field
      label="Room to keep on the disk, in GB"
      help="With less than this free, a recording warns you and counts down. At a tenth of it, it ends by itself while everything can still be saved. With 0 only a full disk ends it."
      error={checked !== null && !checked.ok ? `${checked.reason} Not saved.` : null}
    >
      {({ id, describedBy, invalid }) => (
        <input
          id={id}
          className="input figures reserve-field"
          inputMode="decimal"
          value={draft ?? reserveWords(valueBytes)}
          autoComplete="off"
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={finish}
          onKeyDown={(event) => {
            if (event.key === 'Enter') finish();
            if (event.key === 'Escape') setDraft(null);
          }}
        />
      )}
    </Field>
  );
}
