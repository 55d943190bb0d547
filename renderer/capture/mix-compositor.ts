import { createFedTrack, framesOf } from '../call/breakout-box.ts';
import type { FrameSource } from '../call/breakout-box.ts';
import type { MixCommand, MixNews, MixReport } from './mix-messages.ts';

/** A person as the mix shows them; `camera` null shows the name. */
export type MixPerson = { id: string; name: string; camera: MediaStreamTrack | null };

/** The live picture of everybody: one video track that never stops or changes while people come and go. */
export type MixCompositor = {
  readonly track: MediaStreamTrack;
  /** Resolves when frames flow. */
  readonly flowing: Promise<void>;
  setPeople(people: MixPerson[]): void;
  /** How the drawing keeps up; null before the first second. */
  lastReport(): MixReport | null;
  stop(): void;
};

/** Loads the worker of a mix that is still to come, so that the mix begins with its recording. */
export function warmMixWorker(): Worker {
  const worker = new Worker(new URL('./mix-worker.ts', import.meta.url), { type: 'module', name: 'mix' });
  const warm: MixCommand = { kind: 'warm' };
  worker.postMessage(warm, []);
  return worker;
}

/**
 * Starts the compositor: frames go into a worker and come out of it as a track, so that neither a hidden window nor a
 * busy page slows the drawing.
 */
export function startMixCompositor(
  worker: Worker,
  options: { width: number; height: number; framesPerSecond: number },
): MixCompositor {
  const fed = createFedTrack();
  let report: MixReport | null = null;
  const flowing = new Promise<void>((resolve) => {
    worker.addEventListener('message', ({ data }: MessageEvent<MixNews>) => {
      if (data.kind === 'report') report = data;
      else resolve();
    });
  });
  const tell = (command: MixCommand, transfer: Transferable[] = []): void => worker.postMessage(command, transfer);
  tell({ kind: 'start', ...options, output: fed.frames }, [fed.frames]);

  let placedKey = '';
  // Each source is kept for as long as its frames are wanted: nothing else holds it once its stream was given away.
  const shown = new Map<string, { camera: MediaStreamTrack; source: FrameSource }>();
  return {
    track: fed.track,
    flowing,
    setPeople(people) {
      const placed = people.map(({ id, name }) => ({ id, name }));
      const key = JSON.stringify(placed);
      if (key !== placedKey) tell({ kind: 'people', people: placed });
      placedKey = key;
      for (const id of shown.keys()) if (!people.some((person) => person.id === id)) shown.delete(id);
      for (const { id, camera } of people) {
        const before = shown.get(id)?.camera;
        if (camera === before || (camera === null && before === undefined)) continue;
        if (camera === null || camera.readyState === 'ended') {
          shown.delete(id);
          tell({ kind: 'noPicture', id });
        } else {
          const source = framesOf(camera);
          shown.set(id, { camera, source });
          tell({ kind: 'picture', id, frames: source.readable }, [source.readable]);
        }
      }
    },
    lastReport: () => report,
    stop() {
      tell({ kind: 'stop' });
      fed.track.stop();
      shown.clear();
    },
  };
}
