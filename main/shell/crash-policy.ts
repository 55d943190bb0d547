/** How the pages of a window have lived and died so far. */
export type CrashHistory = {
  /** When the page that is there was asked for, milliseconds of a clock that only goes forward. */
  readonly loadedAtMs: number;
  /** Pages in a row that died soon after they were asked for. */
  readonly shortLives: number;
};

/** A page that dies sooner than this has not done any work for anybody. */
const SHORT_LIFE_MS = 5_000;

/** So many short lives in a row are no accident: loading once more would only burn the machine. */
const SHORT_LIVES_IN_A_ROW = 5;

/** The history of a window whose first page is asked for now. */
export function firstPage(nowMs: number): CrashHistory {
  return { loadedAtMs: nowMs, shortLives: 0 };
}

/**
 * Decides about a page that died: it is loaded again, however often that happens, because a recording waits for it; only one
 * that dies again and again right after loading is given up (null).
 */
export function afterDeath(history: CrashHistory, nowMs: number): CrashHistory | null {
  const shortLives = nowMs - history.loadedAtMs < SHORT_LIFE_MS ? history.shortLives + 1 : 0;
  return shortLives >= SHORT_LIVES_IN_A_ROW ? null : { loadedAtMs: nowMs, shortLives };
}
