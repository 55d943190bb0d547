import type { CSSProperties } from 'react';
import { markerName } from '../../contract/marker-name.ts';
import type { Deliverable, Marker } from '../../contract/recording.ts';
import { Tip } from '../ui/Tip.tsx';
import { clockWords } from '../ui/time-words.ts';
import { markerSeconds } from './marker-place.ts';
import type { Playback } from './use-playback.ts';

type TimelineProps = {
  playback: Playback;
  file: Deliverable;
  markers: readonly Marker[];
  onSeek: (seconds: number) => void;
};

/** The position in the file, with the markers on it. */
export function Timeline({ playback, file, markers, onSeek }: TimelineProps) {
  const { positionSeconds, durationSeconds } = playback;
  const position = clockWords(positionSeconds * 1000);
  const duration = clockWords(durationSeconds * 1000);
  return (
    <div className="timeline-box">
      <input
        type="range"
        className="timeline"
        aria-label="Position"
        aria-valuetext={`${position} of ${duration}`}
        min={0}
        max={durationSeconds || 1}
        step={0.01}
        value={Math.min(positionSeconds, durationSeconds)}
        disabled={durationSeconds === 0}
        onChange={(event) => onSeek(event.target.valueAsNumber)}
      />
      {durationSeconds === 0
        ? null
        : markers.map((marker) => {
            const seconds = markerSeconds(marker, file);
            if (seconds === null) return null;
            const name = markerName(markers, marker);
            const style: CSSProperties & Record<'--fraction', number> = {
              '--fraction': Math.min(1, seconds / durationSeconds),
            };
            return (
              <Tip key={marker.id} text={`${clockWords(marker.atMs)} ${name}`}>
                {/* Keys reach the same places in the list of markers. */}
                <button
                  type="button"
                  className="timeline-marker"
                  tabIndex={-1}
                  aria-label={`Marker: ${name}`}
                  style={style}
                  onClick={() => onSeek(seconds)}
                />
              </Tip>
            );
          })}
    </div>
  );
}
