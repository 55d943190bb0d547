import { Bookmark } from 'lucide-react';
import type { RecordingId } from '../../contract/ids.ts';
import { useServices } from '../app/services.ts';
import { IconButton } from '../ui/IconButton.tsx';

/** Drops a marker at this instant of the recording. */
export function MarkerButton({ recordingId }: { recordingId: RecordingId }) {
  const { markers } = useServices();
  return (
    <IconButton
      label="Add marker"
      tip="Mark this moment (Alt+K)"
      look="raised"
      large
      className="marker-button"
      aria-keyshortcuts="Alt+K"
      onClick={() => void markers.drop(recordingId)}
    >
      <Bookmark className="icon" aria-hidden />
    </IconButton>
  );
}
