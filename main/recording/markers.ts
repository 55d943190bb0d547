import { AppError } from '../../contract/errors.ts';
import { markerIdSchema } from '../../contract/ids.ts';
import type { MarkerId } from '../../contract/ids.ts';
import type { Marker } from '../../contract/recording.ts';
import { MAX_MARKERS } from './limits.ts';
import type { Ids } from './ports.ts';
import type { Ledger } from './recording-ledger.ts';

/** Drops a marker, named or not; it is on the disk when this resolves. Throws RATE_LIMITED when there are too many. */
export async function addMarker(ids: Ids, ledger: Ledger, atMs: number, name: string): Promise<Marker> {
  if (ledger.model().markers.length >= MAX_MARKERS) {
    throw new AppError('RATE_LIMITED', 'This recording has as many markers as it can have.', {
      details: { limit: MAX_MARKERS },
    });
  }
  const marker: Marker = {
    id: markerIdSchema.parse(ids.next()),
    atMs: Math.max(0, Math.round(atMs)),
    name: name.slice(0, 200),
  };
  // Kept even when the disk refuses it at this moment: it goes out with the next record.
  await ledger.keep({ kind: 'marker', markerId: marker.id, atMs: marker.atMs, name: marker.name });
  await ledger.sync();
  return marker;
}

/** Names a marker; throws NOT_FOUND. */
export async function renameMarker(ledger: Ledger, markerId: MarkerId, name: string): Promise<void> {
  requireMarker(ledger, markerId);
  await ledger.record({ kind: 'markerNamed', markerId, name: name.slice(0, 200) });
  await ledger.sync();
}

/** Takes a marker away; throws NOT_FOUND. */
export async function removeMarker(ledger: Ledger, markerId: MarkerId): Promise<void> {
  requireMarker(ledger, markerId);
  await ledger.record({ kind: 'markerRemoved', markerId });
  await ledger.sync();
}

function requireMarker(ledger: Ledger, markerId: MarkerId): void {
  if (ledger.model().markers.some((marker) => marker.id === markerId)) return;
  throw new AppError('NOT_FOUND', 'This recording has no such marker.');
}
