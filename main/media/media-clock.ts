/** Time as a port: a monotonic reading and one-shot timers. */
export type MediaClock = {
  /** Milliseconds of a clock that never jumps. */
  nowMs: () => number;
  /** Calls back once after the delay; returns its own undo. */
  setTimer: (callback: () => void, delayMs: number) => () => void;
};

/** The process's own clock; its timers do not keep the process alive. */
export const systemMediaClock: MediaClock = {
  nowMs: () => performance.now(),
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
