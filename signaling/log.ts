/** What the server needs of a log: facts, then a sentence (pino's order of arguments). */
export type SignalingLog = {
  info(facts: Record<string, unknown>, message: string): void;
  warn(facts: Record<string, unknown>, message: string): void;
};

/** A log that nobody reads. */
export const SILENT_LOG: SignalingLog = { info: () => undefined, warn: () => undefined };
