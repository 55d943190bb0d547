import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { toErrorShape, type ErrorShape } from '../../contract/errors.ts';
import type { MarkerId } from '../../contract/ids.ts';
import { markerName } from '../../contract/marker-name.ts';
import type { Deliverable, Marker, Recording } from '../../contract/recording.ts';
import { useServices } from '../app/services.ts';
import { ErrorNotice } from '../ui/ErrorNotice.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { clockWords } from '../ui/time-words.ts';
import { markerSeconds } from './marker-place.ts';
import { NameField } from './NameField.tsx';

type MarkersListProps = {
  recording: Recording;
  /** The file that is played, on whose clock a marker is a place. */
  file: Deliverable | undefined;
  onSeek: (seconds: number) => void;
};

/** The markers of a recording: a press on one jumps there. */
export function MarkersList({ recording, file, onSeek }: MarkersListProps) {
  const { client, recordings } = useServices();
  const [editing, setEditing] = useState<MarkerId | null>(null);
  const [error, setError] = useState<ErrorShape | null>(null);
  const { id: recordingId, markers } = recording;
  if (markers.length === 0) return null;

  const attempt = (work: Promise<Recording>): void => {
    setError(null);
    work.then(recordings.put).catch((problem: unknown) => setError(toErrorShape(problem)));
  };
  const rename = (marker: Marker, name: string | null): void => {
    setEditing(null);
    if (name === null || name === marker.name) return;
    attempt(client.request('recording.renameMarker', { recordingId, markerId: marker.id, name }));
  };

  return (
    <section className="side-panel markers" aria-label="Markers">
      <h2>Markers</h2>
      {error === null ? null : <ErrorNotice error={error} onDismiss={() => setError(null)} />}
      <ul className="markers-list" aria-label="Markers of this recording">
        {markers.map((marker) => {
          const name = markerName(markers, marker);
          const at = clockWords(marker.atMs);
          const seconds = file === undefined ? null : markerSeconds(marker, file);
          if (editing === marker.id) {
            return (
              <li key={marker.id} className="marker-row">
                <span className="figures quiet small">{at}</span>
                <NameField
                  label="Name of the marker"
                  className="input"
                  name={marker.name}
                  placeholder={name}
                  onDone={(next) => rename(marker, next)}
                />
              </li>
            );
          }
          return (
            <li key={marker.id} className="marker-row">
              <button
                type="button"
                className="marker-jump"
                aria-label={`Go to ${name}, ${at}`}
                disabled={seconds === null}
                title={seconds === null && file !== undefined ? 'Not in the file that is open' : undefined}
                onClick={() => (seconds === null ? undefined : onSeek(seconds))}
              >
                <span className="figures quiet small">{at}</span>
                <span className="one-line" data-unnamed={marker.name === '' ? '' : undefined}>
                  {name}
                </span>
              </button>
              <IconButton label={`Rename ${name}`} tip="Rename" onClick={() => setEditing(marker.id)}>
                <Pencil className="icon" aria-hidden />
              </IconButton>
              <IconButton
                label={`Remove ${name}`}
                tip="Remove"
                onClick={() => attempt(client.request('recording.removeMarker', { recordingId, markerId: marker.id }))}
              >
                <Trash2 className="icon" aria-hidden />
              </IconButton>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
