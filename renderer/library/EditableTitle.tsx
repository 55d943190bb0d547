import { NameField } from './NameField.tsx';

type EditableTitleProps = {
  title: string;
  editing: boolean;
  onEdit: () => void;
  /** Null when the person gave it up. */
  onDone: (title: string | null) => void;
};

/** A title that turns into a field where it stands: Enter keeps, Escape gives up, leaving keeps. */
export function EditableTitle({ title, editing, onEdit, onDone }: EditableTitleProps) {
  if (editing) {
    const keep = (typed: string | null): void => onDone(typed === '' || typed === title ? null : typed);
    return <NameField label="Title" name={title} className="input title-field" onDone={keep} />;
  }
  return (
    <button type="button" className="title-button one-line" aria-label={`Rename ${title}`} onClick={onEdit}>
      {title}
    </button>
  );
}
