import type { Destination } from '../../contract/cloud.ts';
import type { CloudSetup } from './cloud-setup.ts';
import type { CloudTarget } from './cloud-target.ts';
import { sameDestination } from './upload-plan.ts';

/** The bucket in use, opened once for many requests. */
export type TargetCache = {
  /** Works with a bucket; it is not closed as long as the work lasts. Rejects as `openTarget` does. */
  use: <T>(destination: Destination, work: (target: CloudTarget) => Promise<T>) => Promise<T>;
  /** Other credentials or another bucket: the next work opens anew. */
  forget: () => void;
};

type Entry = { destination: Destination; target: Promise<CloudTarget>; users: number; isOld: boolean };

/** Makes a cache of one. */
export function createTargetCache(openTarget: CloudSetup['openTarget']): TargetCache {
  let current: Entry | null = null;

  const closeUnused = (entry: Entry): void => {
    if (!entry.isOld || entry.users > 0) return;
    void entry.target.then(
      (target) => target.close(),
      () => undefined,
    );
  };
  const forget = (): void => {
    if (current === null) return;
    const entry = current;
    current = null;
    entry.isOld = true;
    closeUnused(entry);
  };

  return {
    use: async (destination, work) => {
      if (current !== null && !sameDestination(current.destination, destination)) forget();
      current ??= { destination, target: openTarget(destination), users: 0, isOld: false };
      const entry = current;
      entry.users += 1;
      try {
        let target: CloudTarget;
        try {
          target = await entry.target;
        } catch (error) {
          // The next one asks again.
          if (current === entry) current = null;
          throw error;
        }
        return await work(target);
      } finally {
        entry.users -= 1;
        closeUnused(entry);
      }
    },
    forget,
  };
}
