/** Time as a port. */
export type CallsClock = {
  /** Milliseconds of a clock that never jumps. */
  nowMs: () => number;
  /** Milliseconds since 1970. */
  wallNowMs: () => number;
  /** Calls back once after the delay; returns its own undo. */
  setTimer: (callback: () => void, delayMs: number) => () => void;
};

/** The process's own clock; its timers do not keep the process alive. */
export const systemCallsClock: CallsClock = {
  nowMs: () => performance.now(),
  wallNowMs: () => Date.now(),
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** What the calls need of a log: facts, then a sentence (pino's order of arguments). */
export type CallsLog = {
  info(facts: Record<string, unknown>, message: string): void;
  warn(facts: Record<string, unknown>, message: string): void;
};
