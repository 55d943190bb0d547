import { useCallback, useMemo, useRef, useState, type SyntheticEvent } from 'react';
import type { PlayerCommand } from './player-keys.ts';

export type Playback = {
  state: 'loading' | 'paused' | 'playing' | 'ended' | 'failed';
  positionSeconds: number;
  durationSeconds: number;
  volume: number;
  muted: boolean;
};

const begin: Playback = { state: 'loading', positionSeconds: 0, durationSeconds: 0, volume: 1, muted: false };

const finite = (value: number): number => (Number.isFinite(value) ? value : 0);

/** Follows one video element and carries out commands on it. */
export function usePlayback() {
  const video = useRef<HTMLVideoElement>(null);
  const [playback, setPlayback] = useState<Playback>(begin);

  const read = useCallback((event: SyntheticEvent<HTMLVideoElement>) => {
    const element = event.currentTarget;
    const state =
      element.error !== null
        ? 'failed'
        : element.ended
          ? 'ended'
          : element.readyState < HTMLMediaElement.HAVE_METADATA
            ? 'loading'
            : element.paused
              ? 'paused'
              : 'playing';
    setPlayback({
      state,
      positionSeconds: element.currentTime,
      durationSeconds: finite(element.duration),
      volume: element.volume,
      muted: element.muted,
    });
  }, []);

  const handlers = useMemo(
    () => ({
      onLoadStart: read,
      onLoadedMetadata: read,
      onDurationChange: read,
      onTimeUpdate: read,
      onSeeked: read,
      onPlay: read,
      onPause: read,
      onEnded: read,
      onError: read,
      onVolumeChange: read,
    }),
    [read],
  );

  const seek = useCallback((seconds: number) => {
    const element = video.current;
    if (element === null) return;
    element.currentTime = Math.min(Math.max(0, seconds), finite(element.duration));
  }, []);

  const setSpeed = useCallback((speed: number) => {
    const element = video.current;
    if (element === null) return;
    element.playbackRate = speed;
    // Survives the choice of another file.
    element.defaultPlaybackRate = speed;
  }, []);

  const run = useCallback(
    (command: PlayerCommand) => {
      const element = video.current;
      if (element === null) return;
      switch (command.kind) {
        case 'toggle':
          if (element.paused) void element.play().catch(() => undefined);
          else element.pause();
          return;
        case 'seekBy':
          seek(element.currentTime + command.seconds);
          return;
        case 'volumeBy':
          element.volume = Math.min(1, Math.max(0, element.volume + command.step));
          return;
        case 'mute':
          element.muted = !element.muted;
          return;
        case 'fullScreen':
          if (document.fullscreenElement === null) void element.requestFullscreen().catch(() => undefined);
          else void document.exitFullscreen();
      }
    },
    [seek],
  );

  return { video, playback, handlers, seek, setSpeed, run };
}
