import { Bookmark, TriangleAlert, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useServices } from '../app/services.ts';
import type { MarkerDrop } from '../app/markers-store.ts';
import { errorWords } from '../ui/error-words.ts';
import { Button } from '../ui/Button.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { useStore } from '../ui/store.ts';
import { clockWords } from '../ui/time-words.ts';
import './markers.css';

/** How long a toast stays that nobody looks after, in milliseconds; the marker itself is in the Library. */
const TOAST_MS = 8000;

/** The same for somebody who is in its field and thinks of a name. */
const THINKING_MS = 30_000;

/** Tells that a marker was dropped, and takes its name at once. */
export function MarkerToast() {
  const { markers } = useServices();
  const drop = useStore(markers);
  const [isWithin, setWithin] = useState(false);
  const isTyped = drop.kind === 'dropped' && drop.name !== '';
  useEffect(() => {
    if (drop.kind === 'none' || isTyped) return undefined;
    const timer = setTimeout(() => markers.forget(), isWithin ? THINKING_MS : TOAST_MS);
    return () => clearTimeout(timer);
  }, [drop, isTyped, isWithin, markers]);

  return (
    <>
      <div className="visually-hidden" role="status" aria-label="Markers">
        {drop.kind === 'dropped' ? `Marker at ${clockWords(drop.marker.atMs)}` : null}
      </div>
      {drop.kind === 'dropped' ? <NamingToast key={drop.marker.id} drop={drop} onWithin={setWithin} /> : null}
      {drop.kind === 'failed' ? (
        <div className="marker-toast" role="alert">
          <TriangleAlert className="icon marker-failed" aria-hidden />
          <span className="marker-said">No marker was set. {errorWords(drop.error.code).sentence}</span>
          <IconButton label="Dismiss" onClick={() => markers.forget()}>
            <X className="icon" aria-hidden />
          </IconButton>
        </div>
      ) : null}
    </>
  );
}

type NamingToastProps = { drop: Extract<MarkerDrop, { kind: 'dropped' }>; onWithin: (isWithin: boolean) => void };

function NamingToast({ drop, onWithin }: NamingToastProps) {
  const { markers } = useServices();
  const field = useRef<HTMLInputElement>(null);
  const before = useRef<HTMLElement | null>(null);

  useEffect(() => {
    const { activeElement } = document;
    // Somebody who is at work in a field or on a button stays there; the toast is one Tab away.
    if (!isFree(activeElement)) return;
    before.current = activeElement instanceof HTMLElement ? activeElement : null;
    field.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => () => onWithin(false), [onWithin]);

  const finish = (end: () => unknown): void => {
    if (document.activeElement === field.current) before.current?.focus({ preventScroll: true });
    end();
  };
  return (
    <form
      className="marker-toast"
      aria-label="New marker"
      onSubmit={(event) => {
        event.preventDefault();
        finish(() => void markers.keep());
      }}
      onFocus={() => onWithin(true)}
      onBlur={(event) => {
        if (event.relatedTarget !== null && event.currentTarget.contains(event.relatedTarget)) return;
        onWithin(false);
        if (drop.name.trim() !== '') void markers.keep();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') finish(() => markers.forget());
      }}
    >
      <Bookmark className="icon" aria-hidden />
      <span className="marker-said figures">Marker at {clockWords(drop.marker.atMs)}</span>
      <input
        ref={field}
        className="input"
        aria-label="Name of the marker"
        placeholder="Name it"
        maxLength={200}
        value={drop.name}
        onChange={(event) => markers.type(event.target.value)}
      />
      {drop.name.trim() === '' ? (
        <IconButton label="Dismiss" onClick={() => finish(() => markers.forget())}>
          <X className="icon" aria-hidden />
        </IconButton>
      ) : (
        <Button type="submit" look="primary">
          Save
        </Button>
      )}
    </form>
  );
}

/** Whether keys go nowhere in particular now, so that they may go into the name. */
function isFree(element: Element | null): boolean {
  return (
    element === null ||
    element === document.body ||
    element.matches('.window-screen, .marker-button, .marker-toast .input')
  );
}
