import { TriangleAlert } from 'lucide-react';
import { useId, type ReactNode } from 'react';

type FieldProps = {
  label: string;
  /** What the setting does, in one line. */
  help?: ReactNode;
  error?: string | null;
  children: (ids: { id: string; describedBy: string | undefined; invalid: boolean }) => ReactNode;
};

/** A labelled control with its help and, when the value is refused, the reason. */
export function Field({ label, help, error, children }: FieldProps) {
  const id = useId();
  const helpId = `${id}-help`;
  const errorId = `${id}-error`;
  const hasError = error !== null && error !== undefined;
  const described = [help === undefined ? null : helpId, hasError ? errorId : null].filter((part) => part !== null);
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children({ id, describedBy: described.length === 0 ? undefined : described.join(' '), invalid: hasError })}
      {help === undefined ? null : (
        <span className="field-help" id={helpId}>
          {help}
        </span>
      )}
      {hasError ? (
        <span className="field-error" id={errorId} role="alert">
          <TriangleAlert className="icon" aria-hidden />
          {error}
        </span>
      ) : null}
    </div>
  );
}
