import type { Marker } from './recording.ts';

/** What a marker is called: its name, or its place among all of them ("Marker 3") while it has none. */
export function markerName(
  markers: readonly Pick<Marker, 'id' | 'atMs' | 'name'>[],
  marker: Pick<Marker, 'id' | 'name'>,
): string {
  if (marker.name !== '') return marker.name;
  const inOrder = markers.toSorted((a, b) => a.atMs - b.atMs);
  return `Marker ${inOrder.findIndex(({ id }) => id === marker.id) + 1}`;
}
