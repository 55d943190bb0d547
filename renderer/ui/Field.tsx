import { TriangleAlert } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { LockedLine } from './LockedLine.tsx';

type FieldProps = {
  label: string;
  /** What the setting does, in one line. */
  help?: ReactNode;
  error?: string | null;
  /** Why it cannot be changed here; null when it can. */
  locked?: string | null;
  children: (ids: { id: string; describedBy: string | undefined; invalid: boolean; locked: boolean }) => ReactNode;
};

/** A labelled control with its help and, when the value is refused, the reason. */
export function Field({ label, help, error = null, locked = null, children }: FieldProps) {
  const id = useId();
  const helpId = `${id}-help`;
  const errorId = `${id}-error`;
  const lockedId = `${id}-locked`;
  const described = [
    help === undefined ? null : helpId,
    locked === null ? null : lockedId,
    error === null ? null : errorId,
  ].filter((part) => part !== null);
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children({
        id,
        describedBy: described.length === 0 ? undefined : described.join(' '),
        invalid: error !== null,
        locked: locked !== null,
      })}
      {help === undefined ? null : (
        <span className="field-help" id={helpId}>
          {help}
        </span>
      )}
      {locked === null ? null : <LockedLine id={lockedId} words={locked} />}
      {error === null ? null : (
        <span className="field-error" id={errorId} role="alert">
          <TriangleAlert className="icon" aria-hidden />
          {error}
        </span>
      )}
    </div>
  );
}
