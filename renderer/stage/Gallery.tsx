import { useLayoutEffect, useRef, useState } from 'react';
import type { TrackHealth } from '../../contract/recording.ts';
import type { PersonView } from '../call/call-view.ts';
import { galleryLayout } from './gallery-layout.ts';
import { Tile } from './Tile.tsx';

/** Room between tiles, in pixels; the same as --space-2. */
const GAP = 8;

/** Everybody's tile, filling the room there is. */
export function Gallery({ people, tracks }: { people: readonly PersonView[]; tracks: readonly TrackHealth[] }) {
  const ref = useRef<HTMLUListElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const measure = (): void => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const layout = galleryLayout(people.length, size.width, size.height, GAP);
  return (
    <ul ref={ref} className="gallery" aria-label="People">
      {people.map((person, index) => {
        const box = layout.tiles[index];
        return box === undefined ? null : (
          <Tile key={person.participant.id} person={person} box={box} tracks={tracks} />
        );
      })}
    </ul>
  );
}
