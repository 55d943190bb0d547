import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What this process has lying around. */
export type ProcessLeft = { heapMb: number; resources: Record<string, number> };

/** Watches this process for what nobody caught; while it watches, such an error does not end the process. */
export function watchProcess(): { uncaught: () => string[]; stop: () => void } {
  const uncaught: string[] = [];
  const note =
    (kind: string) =>
    (error: unknown): void => {
      uncaught.push(`${kind}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    };
  const rejection = note('unhandled rejection');
  const exception = note('uncaught exception');
  process.on('unhandledRejection', rejection);
  process.on('uncaughtException', exception);
  return {
    uncaught: () => [...uncaught],
    stop: () => {
      process.off('unhandledRejection', rejection);
      process.off('uncaughtException', exception);
    },
  };
}

/** Counts what keeps the process busy, and the heap after a collection, MiB. */
export function leftInProcess(): ProcessLeft {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  return { heapMb: process.memoryUsage().heapUsed / 1024 / 1024, resources };
}

/** The kinds of resources of which more are there than before, and how many. */
export function grown(before: ProcessLeft, after: ProcessLeft): string[] {
  return Object.entries(after.resources).flatMap(([name, count]) => {
    const more = count - (before.resources[name] ?? 0);
    return more > 0 ? [`${name} +${more}`] : [];
  });
}
