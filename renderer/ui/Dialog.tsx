import { useEffect, useId, useRef, type ReactNode } from 'react';

type DialogProps = {
  title: string;
  /** Called for Escape; the safe answer. */
  onCancel: () => void;
  children: ReactNode;
  buttons: ReactNode;
};

/**
 * A question that must be answered. The platform's own modal dialog: it makes the rest inert and traps focus without
 * injecting style elements, which the content security policy forbids.
 */
export function Dialog({ title, onCancel, children, buttons }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return undefined;
    const before = document.activeElement;
    dialog.showModal();
    // React gives the focus before the dialog is open, when nothing in it can take it, and the platform then takes the first control.
    dialog.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onCancel();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
      <div className="dialog-buttons">{buttons}</div>
    </dialog>
  );
}
