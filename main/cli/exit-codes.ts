/** What the exit code of a command says; scripts rely on these. */
export const EXIT = {
  done: 0,
  /** The app said no, or the file could not be written; the words say why. */
  refused: 1,
  misuse: 2,
  /** The app does not run, or its control API is off. */
  notRunning: 3,
  /** The app runs, but could not be reached or did not answer in time. */
  unreachable: 4,
  notAllowed: 5,
  /** Ended by Ctrl+C, as shells have it: 128 and the number of the signal. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
