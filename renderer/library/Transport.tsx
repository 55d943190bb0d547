import { Maximize, Pause, Play, Volume2, VolumeX } from 'lucide-react';
import { useState } from 'react';
import type { Deliverable, Marker } from '../../contract/recording.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { clockWords } from '../ui/time-words.ts';
import type { PlayerCommand } from './player-keys.ts';
import { Timeline } from './Timeline.tsx';
import type { Playback } from './use-playback.ts';

const speeds = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

type TransportProps = {
  playback: Playback;
  file: Deliverable;
  markers: readonly Marker[];
  onCommand: (command: PlayerCommand) => void;
  onSeek: (seconds: number) => void;
  onSpeed: (speed: number) => void;
};

/** Play, timeline, time, speed, sound. */
export function Transport({ playback, file, markers, onCommand, onSeek, onSpeed }: TransportProps) {
  const [speed, setSpeed] = useState('1');
  const { positionSeconds, durationSeconds, muted, state } = playback;
  const playing = state === 'playing';
  const position = clockWords(positionSeconds * 1000);
  const duration = clockWords(durationSeconds * 1000);
  return (
    <div className="transport" role="group" aria-label="Playback">
      <IconButton label={playing ? 'Pause' : 'Play'} look="raised" onClick={() => onCommand({ kind: 'toggle' })}>
        {playing ? <Pause className="icon" aria-hidden /> : <Play className="icon" aria-hidden />}
      </IconButton>
      <Timeline playback={playback} file={file} markers={markers} onSeek={onSeek} />
      <span className="figures small">
        {position} / {duration}
      </span>
      <select
        className="select speed"
        aria-label="Speed"
        value={speed}
        onChange={(event) => {
          setSpeed(event.target.value);
          onSpeed(Number(event.target.value));
        }}
      >
        {speeds.map((value) => (
          <option key={value} value={String(value)}>
            {value}×
          </option>
        ))}
      </select>
      <IconButton label={muted ? 'Sound on' : 'Sound off'} onClick={() => onCommand({ kind: 'mute' })}>
        {muted ? <VolumeX className="icon" aria-hidden /> : <Volume2 className="icon" aria-hidden />}
      </IconButton>
      <IconButton label="Full screen" onClick={() => onCommand({ kind: 'fullScreen' })}>
        <Maximize className="icon" aria-hidden />
      </IconButton>
    </div>
  );
}
