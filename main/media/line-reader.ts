/** Cuts arriving text into lines and never holds more than one line of bounded length. */
export type LineReader = {
  push: (text: string) => void;
  /** Hands out what was left without a line end. */
  end: () => void;
};

/**
 * Makes a line reader; a line ends at \n or \r (FFmpeg redraws its status with \r), and what goes past
 * `maxLineChars` is dropped, because the program at the other end is not trusted to ever end a line.
 */
export function createLineReader(maxLineChars: number, onLine: (line: string) => void): LineReader {
  let pending = '';
  const hold = (part: string): void => {
    if (pending.length < maxLineChars) pending += part.slice(0, maxLineChars - pending.length);
  };
  const flush = (): void => {
    const line = pending;
    pending = '';
    if (line !== '') onLine(line);
  };
  return {
    push: (text) => {
      let start = 0;
      for (let index = 0; index < text.length; index += 1) {
        const code = text.charCodeAt(index);
        if (code !== 10 && code !== 13) continue;
        hold(text.slice(start, index));
        flush();
        start = index + 1;
      }
      hold(text.slice(start));
    },
    end: flush,
  };
}
