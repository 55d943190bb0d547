/** A wait that lasts as long as something moves. */
export type StallLimit = {
  /** Resolves at `finish`, or when nothing moved for the limit. */
  readonly over: Promise<void>;
  /** There is progress: the limit counts from here again. */
  moved(): void;
  finish(): void;
};

/** Begins a wait that gives up when nothing has moved for `limitMs`. */
export function createStallLimit(limitMs: number): StallLimit {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  let isOver = false;
  const finish = (): void => {
    isOver = true;
    clearTimeout(timer);
    resolve();
  };
  let timer = setTimeout(finish, limitMs);
  return {
    over,
    moved() {
      if (isOver) return;
      clearTimeout(timer);
      timer = setTimeout(finish, limitMs);
    },
    finish,
  };
}
