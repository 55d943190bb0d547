import type { Scheduler } from '../recording/ports.ts';

/** How often the way is looked at while nothing moves on it. */
const LOOK_INTERVAL_MS = 5_000;

/**
 * A request over a way that is gone may hang for minutes after the way is back, because the system repeats its packets ever more
 * rarely. So when nothing moves, the address is tried by a new connection, and once it answers again after it did not, the
 * request is given up for a new one.
 */
export type ConnectionWatch = {
  /** Aborted when the way was away and is back. */
  readonly signal: AbortSignal;
  /** Something moved. */
  moved: () => void;
  end: () => void;
};

/** Watches the way of the requests that are under way. */
export function watchConnection(ports: {
  scheduler: Pick<Scheduler, 'every'>;
  reachable: () => Promise<boolean>;
  onAway: (isAway: boolean) => void;
}): ConnectionWatch {
  const back = new AbortController();
  let hasMoved = true;
  let isAway = false;
  let isLooking = false;
  let hasEnded = false;

  const look = async (): Promise<void> => {
    if (hasMoved) {
      hasMoved = false;
      if (isAway) ports.onAway(false);
      isAway = false;
      return;
    }
    if (isLooking) return;
    isLooking = true;
    const isThere = await ports.reachable();
    isLooking = false;
    if (hasEnded) return;
    if (!isThere && !isAway) {
      isAway = true;
      ports.onAway(true);
    } else if (isThere && isAway) back.abort();
  };

  const undo = ports.scheduler.every(LOOK_INTERVAL_MS, () => void look());
  return {
    signal: back.signal,
    moved: () => {
      hasMoved = true;
    },
    end: () => {
      undo();
      hasEnded = true;
      if (isAway) ports.onAway(false);
    },
  };
}
