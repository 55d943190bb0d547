import { Film } from 'lucide-react';
import { useState } from 'react';
import { thumbnailUrl } from '../../contract/media-url.ts';
import type { Recording } from '../../contract/recording.ts';
import { hoveredThumbnail } from './hovered-thumbnail.ts';

/** One picture of a recording; the pointer moving across it runs through all of them. */
export function Poster({ recording }: { recording: Recording }) {
  const [pointer, setPointer] = useState<{ x: number; width: number } | null>(null);
  const [broken, setBroken] = useState(false);
  const count = recording.thumbnails.length;
  const shown = hoveredThumbnail(count, pointer?.x ?? null, pointer?.width ?? 0);
  if (count === 0 || broken) {
    return (
      <span className="poster poster-none">
        <Film className="icon" aria-hidden />
      </span>
    );
  }
  return (
    <span
      className="poster"
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        setPointer({ x: event.clientX - box.left, width: box.width });
      }}
      onPointerLeave={() => setPointer(null)}
    >
      {recording.thumbnails.map((file, index) => (
        <img
          key={file}
          src={thumbnailUrl(recording.id, index)}
          alt=""
          loading={pointer === null ? 'lazy' : 'eager'}
          draggable={false}
          hidden={index !== shown}
          onError={() => setBroken(true)}
        />
      ))}
      {pointer === null ? null : (
        <span className="poster-steps" aria-hidden>
          {recording.thumbnails.map((file, index) => (
            <span key={file} data-on={index === shown ? '' : undefined} />
          ))}
        </span>
      )}
    </span>
  );
}
