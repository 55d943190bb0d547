import { useEffect, useRef, useState } from 'react';

type EditableTitleProps = {
  title: string;
  editing: boolean;
  onEdit: () => void;
  /** Null when the person gave it up. */
  onDone: (title: string | null) => void;
};

/** A title that turns into a field where it stands: Enter keeps, Escape gives up, leaving keeps. */
export function EditableTitle({ title, editing, onEdit, onDone }: EditableTitleProps) {
  if (editing) return <TitleField title={title} onDone={onDone} />;
  return (
    <button type="button" className="title-button one-line" aria-label={`Rename ${title}`} onClick={onEdit}>
      {title}
    </button>
  );
}

function TitleField({ title, onDone }: Pick<EditableTitleProps, 'title' | 'onDone'>) {
  const [value, setValue] = useState(title);
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
    const trimmed = next?.trim() ?? '';
    onDone(trimmed === '' || trimmed === title ? null : trimmed);
  };
  return (
    <input
      ref={ref}
      className="input title-field"
      aria-label="Title"
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
