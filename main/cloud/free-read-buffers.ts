import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'minor' }) => void;

let collect: Collect | null | undefined;

/** V8 gives its collector only to scripts of contexts that are made after this flag was set. */
function findCollector(): Collect | null {
  try {
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('gc');
    return typeof found === 'function' ? (found as Collect) : null;
  } catch {
    return null;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}

/**
 * Gives back the memory of what was read from the network and is done with. Every read makes a buffer of its own, and V8, which sees
 * only the few bytes of its head, lets about 100 MB of them gather before it looks; a collection of the youngest takes about
 * 1 ms. To be called after each part that was read; where there is no such collector it does nothing.
 */
export function freeReadBuffers(): void {
  if (collect === undefined) collect = findCollector();
  collect?.({ type: 'minor' });
}
