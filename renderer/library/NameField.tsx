import { useEffect, useRef, useState } from 'react';

type NameFieldProps = {
  label: string;
  name: string;
  className: string;
  placeholder?: string;
  /** What was typed, trimmed; null when the person gave it up. */
  onDone: (name: string | null) => void;
};

/** A name typed where it stands: Enter keeps, Escape gives up, leaving keeps. */
export function NameField({ label, name, className, placeholder, onDone }: NameFieldProps) {
  const [value, setValue] = useState(name);
  const ref = useRef<HTMLInputElement>(null);
  const over = useRef(false);
  useEffect(() => {
    // After the menu that asked for it has given the focus back.
    const frame = requestAnimationFrame(() => ref.current?.select());
    return () => cancelAnimationFrame(frame);
  }, []);
  const finish = (next: string | null): void => {
    if (over.current) return;
    over.current = true;
    onDone(next?.trim() ?? null);
  };
  return (
    <input
      ref={ref}
      className={className}
      aria-label={label}
      placeholder={placeholder}
      value={value}
      maxLength={200}
      autoFocus
      onChange={(event) => setValue(event.target.value)}
      onBlur={() => finish(value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') finish(value);
        if (event.key === 'Escape') finish(null);
        event.stopPropagation();
      }}
    />
  );
}
